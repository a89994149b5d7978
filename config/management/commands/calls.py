import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.processes import calls, children
from config.processes.data_lock import AlreadyRunning
from config.processes.ports import PortTaken


class Command(BaseCommand):
    help = "Run the process that holds calls, and the model."
    requires_system_checks = []  # people wait for it to be back

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stand-by",
            action="store_true",
            help="Wait for a byte on standard input (manage.py up)",
        )

    def handle(self, *args: Any, stand_by: bool, **options: Any) -> None:
        calls.prepare()
        if stand_by and not children.stand_by("calls"):
            return
        try:
            calls.run(settings.ENV)
        except (AlreadyRunning, PortTaken) as error:
            sys.exit(f"earshot: {error}")
