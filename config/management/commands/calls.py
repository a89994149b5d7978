import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.processes import calls
from config.processes.data_lock import AlreadyRunning
from config.processes.ports import PortTaken


class Command(BaseCommand):
    help = "Run the process that holds calls, and the model."
    requires_system_checks = []  # people wait for it to be back

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            calls.run(settings.ENV)
        except (AlreadyRunning, PortTaken) as error:
            sys.exit(f"earshot: {error}")
