"""``manage.py hear_again CODE|--all``: calls are written down once more."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetings.models import Meeting
from transcription import hearing_again


class Command(BaseCommand):
    help = "Hear a call again, or all calls, the newest first, in the background."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?")
        parser.add_argument("--all", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Asks for it: the running server does the work. Raises CommandError."""
        if bool(options["code"]) == options["all"]:
            raise CommandError("Name one call, or --all")
        calls = hearing_again.with_sound(
            Meeting.objects.visible_to(User(is_superuser=True))
        )
        if options["all"]:
            hearing = hearing_again.many(
                calls.values_list("pk", flat=True), "All calls", None
            )
            self.stdout.write(f"{hearing.calls.count()} calls are heard again")
            return
        meeting = calls.filter(code=options["code"]).first()
        if meeting is None:
            raise CommandError(f"No call with sound has the code {options['code']}")
        hearing_again.one(meeting)
        self.stdout.write(f"{meeting} is heard again")
