import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import web
from config.ports import PortTaken


class Command(BaseCommand):
    help = "Run the web process: pages, calls and captions on HOST and PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            web.serve(settings.ENV.host, settings.ENV.port)
        except PortTaken as error:
            sys.exit(f"earshot: {error}")
