import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.processes import pages
from config.processes.ports import PortTaken


class Command(BaseCommand):
    help = "Run the process that answers with pages."
    requires_system_checks = []  # people wait for it to be back

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pages.run(settings.ENV)
        except PortTaken as error:
            sys.exit(f"earshot: {error}")
