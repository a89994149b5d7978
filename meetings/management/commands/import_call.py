"""Import recorded calls: manage.py import_call FILE... [--title T] [--wait]"""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings import jobs
from meetings.imports.refused import Refused
from meetings.imports.services import (
    ImportChoice,
    SourceFile,
    import_files,
    numbers,
)
from meetings.management.owners import owner_of
from meetings.models import Job, Meeting
from meetings.models.names import one_line

CLAIM_SECONDS = 3.0  # a running server takes a job well within this
POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Import a recorded call. Several files are one person each, named after the "
        "file, and so are several sound tracks of one file; --stereo takes the two "
        "sides of one file apart. Prints the code of the meeting."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--title", default="")
        parser.add_argument("--owner", metavar="EMAIL", help="default: first admin")
        parser.add_argument(
            "--stereo", action="store_true", help="left and right are two people"
        )
        parser.add_argument(
            "--tracks",
            default="",
            metavar="N,N",
            help="sound tracks of a video to take; default: all that are not silent",
        )
        parser.add_argument(
            "--again", action="store_true", help="also files that are a call already"
        )
        parser.add_argument(
            "--wait", action="store_true", help="until the transcript is complete"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = owner_of(options["owner"])
        missing = [str(file) for file in options["files"] if not file.is_file()]
        if missing:
            raise CommandError(f"No such file: {', '.join(missing)}")
        try:
            meeting = import_files(
                owner,
                [SourceFile(file, one_line(file.name)) for file in options["files"]],
                options["title"],
                ImportChoice(
                    split_stereo=options["stereo"],
                    tracks=numbers(options["tracks"]),
                    again=options["again"],
                ),
            )
        except Refused as refused:
            more = " --again takes it again." if refused.code == "duplicate" else ""
            raise CommandError(f"{refused}{more}") from None
        if options["wait"]:
            self._wait(meeting)
        self.stdout.write(meeting.code)

    def _wait(self, meeting: Meeting) -> None:
        """Follow the jobs to their end; without a server, do them here."""
        quiet_since = time.monotonic()
        while unfinished := _unfinished(meeting):
            self._show(unfinished[0])
            if any(job.state == Job.State.RUNNING for job in unfinished):
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > CLAIM_SECONDS:
                jobs.run(unfinished[0].pk)
                continue
            time.sleep(POLL_SECONDS)
        self._show(None)
        failed = meeting.jobs.filter(state=Job.State.FAILED).first()
        if failed:
            raise CommandError(f"{meeting.code}: {failed.kind}: {failed.error}")

    def _show(self, job: Job | None) -> None:
        if not sys.stderr.isatty():
            return
        line = ""
        if job is not None:
            line = f"{jobs.KINDS[job.kind].label} {job.progress:4.0%}"
        self.stderr.write(f"\r\033[K{line}", ending="")
        self.stderr.flush()


def _unfinished(meeting: Meeting) -> list[Job]:
    return list(meeting.jobs.filter(state__in=Job.UNFINISHED))
