"""``manage.py stats CODE``: the figures of a call."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.stats.compute import figures
from dashboard.stats.gather import timeline_of
from dashboard.stats.printed import as_json
from meetings.models import Meeting


class Command(BaseCommand):
    help = "Print the statistics of a call; docs/statistics.md says what each one is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the last part of the call's address")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for a code that no call has."""
        meeting = Meeting.objects.filter(code=options["code"]).first()
        if meeting is None:
            raise CommandError(f"There is no call {options['code']}")
        timeline = timeline_of(meeting)
        printed = as_json(figures(timeline), timeline)
        if options["json"]:
            self.stdout.write(json.dumps(printed, ensure_ascii=False))
            return
        self._write(printed)

    def _write(self, printed: dict[str, Any]) -> None:
        people, reasons = printed.pop("people"), printed.pop("reasons")
        for name, value in printed.items():
            told = reasons.get(name) if value is None else value
            self.stdout.write(f"{name.replace('_', ' '):22} {told}")
        for name, values in people.items():
            said = ", ".join(f"{k} {v}" for k, v in values.items() if v is not None)
            self.stdout.write(f"{name}: {said}")
