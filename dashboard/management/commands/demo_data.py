"""``manage.py demo_data``: a workspace full of made-up calls."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboard.demo_data import rows
from dashboard.demo_data.calls import made_up_call
from dashboard.demo_data.speech import Speech
from dashboard.stats.stored import store
from meetings.management.owners import owner_of
from meetings.models import Meeting

LINES = 120  # of a call, where nothing is said


class Command(BaseCommand):
    help = (
        "Fill the site with made-up calls: text and statistics, no sound. Their titles "
        "end in “(made up)”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calls", type=int, default=500)
        parser.add_argument(
            "--utterances", type=int, help="lines of all calls together"
        )
        parser.add_argument("--owner", help="e-mail address; else the first admin's")
        parser.add_argument(
            "--seed", type=int, default=0, help="others are other calls"
        )
        parser.add_argument("--remove", action="store_true", help="delete them again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where there is nothing to make."""
        if options["remove"]:
            self.stdout.write(f"{rows.remove()} made-up calls are deleted.")
            return
        count = options["calls"]
        lines = (options["utterances"] or count * LINES) // max(1, count)
        if count < 1 or lines < 1:
            raise CommandError("Give at least one call, and an utterance for each")
        workspace = rows.DemoWorkspace(owner_of(options["owner"]))
        speech, now = Speech(options["seed"]), timezone.now()
        calls = (made_up_call(speech, lines, now) for _ in range(count))
        done = 0
        for meetings in workspace.write(calls):
            done += self._compute(meetings)
            self.stdout.write(f"{done} of {count} calls", ending="\r")
        self.stdout.write(f"{done} calls with {lines} lines each were made up.")

    def _compute(self, meetings: Sequence[Meeting]) -> int:
        for meeting in meetings:
            store(meeting)
        return len(meetings)
