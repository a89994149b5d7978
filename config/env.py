"""What an administrator may set, read from the environment.

Every field is one variable of the same name in capitals; docs/settings.md lists them
and a test holds the two together. A secret may come from a file: ``NAME_FILE``.
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from meetings.media.config import ICE_ADDRESS

BASE_DIR = Path(__file__).resolve().parent.parent

CommaList = Annotated[list[str], NoDecode]

WITH_SECRETS = {  # themselves, or a password in them
    *("secret_key", "turn_secret", "metrics_token"),
    *(
        "database_url",
        "redis_url",
        "email_url",
        "ice_servers",
        "llm_url",
        "llm_key",
    ),  # have passwords in them
}


class Environment(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(
        BASE_DIR / "var", description="Folder for database, recordings, secrets, models"
    )
    site: str = Field(
        "",
        description="Host name of the site (calls.example.com): HTTPS on port 443, "
        "with a certificate that is fetched and renewed by itself",
    )
    host: str = Field("127.0.0.1", description="Address that Earshot binds to")
    port: int = Field(8000, ge=1, le=65535, description="Port of it, without a SITE")
    front: Literal["caddy", "none"] = Field(
        "caddy", description="none: a web server of your own stands in front"
    )
    pages_bind: str = Field(
        "", description="Where the pages listen: host:port; else as FRONT needs it"
    )
    calls_bind: str = Field(
        "", description="Where the calls listen: host:port; else as FRONT needs it"
    )
    public_url: str = Field(
        "", description="Address people use, when a proxy stands in front (https://...)"
    )
    allowed_hosts: CommaList = Field(
        [], description="Further host names the server answers to, comma-separated"
    )
    trust_proxy: bool = Field(
        False, description="Take scheme and client address from the proxy's headers"
    )
    secret_key: str = Field(
        "", description="Signing key; generated into the data folder when unset"
    )
    debug: bool = Field(False, description="Django's debug pages; never in production")
    log_format: Literal["console", "json"] = Field(
        "console", description="Logs for a terminal or for a log collector"
    )
    database_url: str = Field(
        "", description="postgres://user:password@host/name; SQLite when unset"
    )
    redis_url: str = Field(
        "",
        description="redis:// or unix://, a database of its own for each site; a "
        "private server is started when unset",
    )
    email_url: str = Field(
        "", description="smtp://user:password@host:587; mail goes to the log when unset"
    )
    email_from: str = Field(
        "", description="Sender of mails; earshot@ the host of the site when unset"
    )
    metrics_token: str = Field(
        "", description="Who sends it may read /metrics; unset: this machine only"
    )
    organisation: str = Field(
        "", description="Name guests see beside the owner's as the one who records"
    )
    privacy_contact: str = Field(
        "",
        description="E-mail address that guests write to about what is kept of them; "
        "unset: the address of the call's owner",
    )
    retention_days: int = Field(
        365, ge=1, description="How long recordings are kept, as guests are told"
    )
    record_video: bool = Field(
        False,
        description="Record cameras and shared screens, too, in new calls whose host "
        "leaves it on; guests are told. Up to 700 MB an hour for each",
    )
    time_zone: str = Field("UTC", description="Time zone of pages and logs")
    guest_link_hours: int = Field(
        72,
        ge=1,
        description="Hours until a guest link, or a source that was never used, "
        "expires",
    )
    empty_room_minutes: int = Field(
        10, ge=1, description="A room that stays empty this long is ended"
    )
    max_participants: int = Field(8, ge=2, le=50, description="People in one room")
    upload_max_mb: int = Field(
        4096, ge=1, description="Largest file that may be imported, in megabytes"
    )
    ice_servers: CommaList = Field(
        [], description="STUN and TURN addresses for browsers, comma-separated"
    )
    turn_secret: str = Field(
        "",
        description="Secret shared with the TURN servers in ICE_SERVERS that have no "
        "user (coturn: static-auth-secret): people get logins that end after a day",
    )
    public_ip: str = Field(
        "", description="Address offered for media when the server is behind NAT"
    )
    srt_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="UDP port on which encoders call by SRT (9000); unset: none",
    )
    source_networks: CommaList = Field(
        [],
        description="Networks that HLS and SRT sources may be fetched from besides "
        "public addresses (10.1.0.0/16), comma-separated",
    )
    whisper_model: str = Field(
        "auto", description="Size name, folder of a CTranslate2 model, or auto"
    )
    recorded_model: str = Field(
        "auto",
        description="Which model hears recordings: as WHISPER_MODEL; auto: the largest "
        "that is here and hears at twice the speed of speech or better",
    )
    whisper_device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where the model runs"
    )
    whisper_compute_type: str = Field(
        "auto", description="CTranslate2 compute type; auto: int8 on CPU"
    )
    whisper_threads: int = Field(
        0, ge=0, description="CPU threads of the model; 0: as many as help"
    )
    caption_language: str = Field(
        "auto", description="Language of captions (en, fr, ...) or auto: per person"
    )
    hf_endpoint: str = Field(
        "", description="Another hub to fetch models from (a mirror)"
    )

    llm_url: str = Field(
        "",
        description="Language model that writes summaries and answers, by the API of "
        "OpenAI (https://llm.example.com/v1): it gets the words of calls. Unset: none",
    )
    llm_key: str = Field("", description="Key that the language model asks for")
    llm_model: str = Field("", description="Name of the language model")
    llm_seconds: int = Field(
        120, ge=5, le=1800, description="How long one answer of it may take"
    )

    @field_validator("allowed_hosts", "ice_servers", "source_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("ice_servers")
    @classmethod
    def _servers(cls, value: list[str]) -> list[str]:
        if not all(ICE_ADDRESS.fullmatch(server) for server in value):
            raise ValueError("expected stun:host or turn:user:password@host:3478")
        return value

    @field_validator("source_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        return [str(ip_network(network)) for network in value]

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not urlsplit(value).netloc:
            raise ValueError("expected an address such as https://calls.example.com")
        return value.rstrip("/")

    @field_validator("llm_url")
    @classmethod
    def _api(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("expected an address such as https://llm.example.com/v1")
        if parts.username or parts.query or parts.fragment:
            raise ValueError("expected an address alone; the key is LLM_KEY")
        return value.rstrip("/")

    @field_validator("site")
    @classmethod
    def _host_name(cls, value: str) -> str:
        if value and (urlsplit(f"//{value}").netloc != value or "@" in value):
            raise ValueError("expected a host name such as calls.example.com")
        return value

    @field_validator("pages_bind", "calls_bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value and not re.fullmatch(r".+:[0-9]{1,5}", value):
            raise ValueError("expected host:port, such as 127.0.0.1:8001")
        return value

    @field_validator("data_dir")
    @classmethod
    def _full_path(cls, value: Path) -> Path:
        return value.expanduser().resolve()


def read() -> Environment:
    """The settings; raises ImproperlyConfigured naming each bad variable."""
    try:
        return Environment(**_from_files())
    except ValidationError as error:
        lines = map(_told, error.errors(include_url=False))
        raise ImproperlyConfigured("; ".join(lines)) from None


def _told(error: Any) -> str:
    """What is wrong with a variable; its value where nothing secret can be in it."""
    name = str(error["loc"][0])
    got = "" if name in WITH_SECRETS else f" (got {error['input']!r})"
    return f"{name.upper()}: {error['msg']}{got}"


def _from_files() -> dict[str, Any]:
    values = {}
    for name in Environment.model_fields:
        path = os.environ.get(f"{name.upper()}_FILE")
        if path:
            try:
                values[name] = Path(path).read_text().strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name.upper()}_FILE: {error}") from None
    return values


def database(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry for a URL; an empty one is SQLite in the data folder."""
    if not url:
        return _sqlite(data_dir / "db.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL: expected postgres:// or sqlite:///, got {parts.scheme}://"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or _socket_host(parts.query),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        # No statement here runs long enough to win back the time of its compilation.
        "OPTIONS": {"options": "-c jit=off"},
    }


def _socket_host(query: str) -> str:
    """``?host=/run/postgresql`` names a folder with a unix socket."""
    return dict(parse_qsl(query)).get("host", "")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            # IMMEDIATE takes the write lock at once: no deadlock on upgrade.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def mail(url: str) -> dict[str, Any]:
    """Django's e-mail settings for smtp:// (STARTTLS) and smtps://."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ImproperlyConfigured("EMAIL_URL: expected smtp:// or smtps://")
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
    }
