"""The ASGI applications: pages, and calls; all in one for whoever serves it alone."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_asgi_application()  # first: it loads the apps that the rest imports

from config.http.busy import Busy, Only  # noqa: E402
from config.routing import urlpatterns  # noqa: E402
from meetings.rooms.elsewhere import Relayed  # noqa: E402
from meetings.sources.web import StreamRoutes  # noqa: E402

# With DEBUG static files are found where they lie, without collectstatic.
_http = ASGIStaticFilesHandler(_django) if settings.DEBUG else _django
_sockets = OriginValidator(
    AuthMiddlewareStack(URLRouter(urlpatterns)), settings.WEBSOCKET_ORIGINS
)
HEALTH = ("/livez", "/readyz", "/metrics")

pages = ProtocolTypeRouter({"http": Busy(_http, HEALTH)})
# Nothing in it renders a page: a busy page must not touch a call.
calls = Relayed(
    ProtocolTypeRouter(
        {"http": StreamRoutes(Only(_http, HEALTH)), "websocket": _sockets}
    )
)
application = ProtocolTypeRouter({"http": StreamRoutes(_http), "websocket": _sockets})
