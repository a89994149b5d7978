"""Print the transcript of a meeting: manage.py transcript CODE [--json]"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings.models import Meeting
from meetings.times import clock
from transcription.egress.written import as_json


class Command(BaseCommand):
    help = "Print what was said in a meeting, in order of time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--json", action="store_true", help="with word times")

    def handle(self, *args: Any, **options: Any) -> None:
        meeting = Meeting.objects.filter(code=options["code"]).first()
        if meeting is None:
            raise CommandError(f"No meeting has the code {options['code']}")
        lines = meeting.utterances.select_related("participant")
        if options["json"]:
            text = json.dumps([as_json(u) for u in lines], ensure_ascii=False, indent=1)
            self.stdout.write(text)
            return
        for line in lines:
            self.stdout.write(
                f"{clock(line.start_ms)} {line.participant.name}: {line.text}"
            )
