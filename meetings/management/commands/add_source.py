"""Add a source: manage.py add_source CODE|new --kind whip|hls|srt [--url U]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings.management.owners import owner_of
from meetings.models import Meeting
from meetings.services import consent_text, create_meeting
from meetings.sources import services
from meetings.sources.forms import NAMES, SourceForm


class Command(BaseCommand):
    help = (
        "Let a program (WHIP) or a stream (HLS, SRT) send into a call that goes on, or "
        "into a new one. The last line is the code of the call, the address, and the "
        "token, which is shown this once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="of a call; new: of a new one")
        parser.add_argument("--kind", choices=list(NAMES), required=True)
        parser.add_argument(
            "--url",
            default="",
            help="where to pull from; srt without it calls us",
        )
        parser.add_argument("--name", default="", help="who it is in the call")
        parser.add_argument(
            "--start",
            action="store_true",
            help="pull at once; others need no start",
        )
        parser.add_argument("--owner", metavar="EMAIL", help="default: first admin")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = owner_of(options["owner"])
        form = SourceForm({key: options[key] for key in ("kind", "url", "name")})
        if not form.is_valid():
            reasons = [reason for errors in form.errors.values() for reason in errors]
            raise CommandError(" ".join(map(str, reasons)))
        meeting = self._meeting(options["code"]) or create_meeting(owner)
        words = form.cleaned_data
        try:
            added = services.add(
                meeting,
                owner,
                words["kind"],
                words["name"],
                words["url"],
                start=options["start"],
                text=consent_text(meeting),  # who types this states that they know
            )
        except services.TooMany:
            raise CommandError("This call has as many sources as it may.") from None
        source = added.source
        address = source.url if source.is_pulled else services.address_of(source)
        self.stdout.write(f"{meeting.code} {address} {added.token or '-'}")

    def _meeting(self, code: str) -> Meeting | None:
        """The call of that code, None for a new one."""
        if code == "new":
            return None
        meeting = Meeting.objects.filter(code=code).first()
        if meeting is None or not meeting.accepts_people:
            raise CommandError(f"No call that takes people has the code {code}")
        return meeting
