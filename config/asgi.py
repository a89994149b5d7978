"""One ASGI application: pages, websockets, and static files where DEBUG is off."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()  # first: it loads the apps that the rest imports

from config.routing import urlpatterns  # noqa: E402
from config.static_route import StaticRoute  # noqa: E402

# With DEBUG the files are found where they lie, without collectstatic.
static_route = ASGIStaticFilesHandler if settings.DEBUG else StaticRoute
application = ProtocolTypeRouter(
    {
        "http": static_route(pages),
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(urlpatterns)), settings.WEBSOCKET_ORIGINS
        ),
    }
)
