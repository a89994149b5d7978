"""Django's settings: wiring only. What an administrator may set is in env.py."""

import os
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env, logs
from config.processes.unix_sockets import path_for
from config.secrets import keep_to_ourselves, secret_key

ENV = env.read()
BASE_DIR = env.BASE_DIR
DATA_DIR = ENV.data_dir

os.umask(0o077)  # what is recorded here is for this account alone
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = ENV.secret_key or secret_key(DATA_DIR)
    UPLOADS_DIR = DATA_DIR / "uploads"
    UPLOADS_DIR.mkdir(exist_ok=True)
    keep_to_ourselves(DATA_DIR)
except OSError as error:
    raise ImproperlyConfigured(
        f"DATA_DIR {DATA_DIR} cannot be written ({error.strerror}). "
        "Give make run a folder of yours: make run DATA=~/earshot-data"
    ) from None

DEBUG = ENV.debug
PUBLIC_URL = ENV.public_url or (
    f"https://{ENV.site}" if ENV.site else f"http://localhost:{ENV.port}"
)
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *ENV.allowed_hosts]
if _public.hostname and _public.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# With scheme and port: another server on this machine is another site.
WEBSOCKET_ORIGINS = [
    PUBLIC_URL,
    *(f"http://{host}:{ENV.port}" for host in ("localhost", "127.0.0.1", "[::1]")),
    *ENV.allowed_hosts,
]

INSTALLED_APPS = [
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",  # its templates, for FORM_RENDERER
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_htmx",
    "django_rq",
    "config.apps.ConfigConfig",
    "meetings",
    "transcription",
    "dashboard",
]

# Each entry is async-capable: a sync-only one would cost a thread hop per request.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.http.middleware.page_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.http.middleware.Orders",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.http.banners.banners",
            ],
        },
    }
]

DATABASES = {"default": env.database(ENV.database_url, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_SOCKET = path_for(DATA_DIR, "valkey")
REDIS_URL = ENV.redis_url or f"unix://{REDIS_SOCKET}?db=0"
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 24 * 3600}
    for name in ("default", "transcription", "language")
}
# Counted once for all processes: limits on sign-in and on links.
CACHES = {
    "default": {
        "BACKEND": "config.cache.PatientCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "earshot",
        "OPTIONS": {"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
    }
}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to people who have no account
ACCOUNT_FORMS = {"login": "config.accounts.LoginForm"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_DISPLAY = "config.accounts.display_name"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/ip,5/5m/key"}
# Where our front stands before us, Daphne has taken address and scheme from it.
TRUST_PROXY = ENV.trust_proxy and ENV.front == "none"
if TRUST_PROXY:
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SIGN_IN_LINK_SECONDS = 24 * 3600
PASSWORD_RESET_TIMEOUT = SIGN_IN_LINK_SECONDS

LANGUAGE_CODE = "en"
TIME_ZONE = ENV.time_zone
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.http.staticfiles.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
RECORDINGS_DIR = DATA_DIR / "recordings"
LISTEN_DIR = DATA_DIR / "listen"  # live streams, handed out by the front itself
MODELS_DIR = DATA_DIR / "models"
FILE_UPLOAD_TEMP_DIR = str(UPLOADS_DIR)
FILE_UPLOAD_PERMISSIONS = 0o600

_secure = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Subdomains, the redirect to https and preloading are for the one who runs the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

METRICS_TOKEN = ENV.metrics_token
ORGANISATION = ENV.organisation
PRIVACY_CONTACT = ENV.privacy_contact
RETENTION_DAYS = ENV.retention_days
RECORD_VIDEO = ENV.record_video
GUEST_LINK_HOURS = ENV.guest_link_hours
EMPTY_ROOM_MINUTES = ENV.empty_room_minutes
MAX_PARTICIPANTS = ENV.max_participants
UPLOAD_MAX_BYTES = ENV.upload_max_mb * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 100
ICE_SERVERS = ENV.ice_servers
TURN_SECRET = ENV.turn_secret
SRT_PORT = ENV.srt_port
PUBLIC_IP = ENV.public_ip
SOURCE_NETWORKS = ENV.source_networks
WHISPER_MODEL = ENV.whisper_model
RECORDED_MODEL = ENV.recorded_model
WHISPER_DEVICE = ENV.whisper_device
WHISPER_COMPUTE_TYPE = ENV.whisper_compute_type
WHISPER_THREADS = ENV.whisper_threads
CAPTION_LANGUAGE = ENV.caption_language
LLM_URL = ENV.llm_url
LLM_KEY = ENV.llm_key
LLM_MODEL = ENV.llm_model
LLM_SECONDS = ENV.llm_seconds
if ENV.hf_endpoint:
    os.environ["HF_ENDPOINT"] = ENV.hf_endpoint  # read by huggingface_hub on import

SENDS_MAIL = bool(ENV.email_url)
DEFAULT_FROM_EMAIL = ENV.email_from or f"Earshot <earshot@{_public.hostname}>"
EMAIL_TIMEOUT = 10.0  # seconds that a page waits for the mail server
for _name, _value in env.mail(ENV.email_url).items():
    globals()[_name] = _value

LOGGING_CONFIG = None
logs.configure(ENV.log_format, debug=DEBUG)
