"""``manage.py export CODE|all --to FOLDER``: calls as plain files, a folder each."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat

from dashboard.exports import pieces
from dashboard.exports.archive import Folder, room_left
from dashboard.exports.pieces import Parts
from meetings.models import Meeting
from meetings.models.names import file_name
from meetings.recordings.finishing import FULL

LEAST = 100_000_000  # bytes that are left to the disk
LOOK = 1.0  # s between two looks at it


class Command(BaseCommand):
    help = "Write everything of a call, or of all calls, into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE|all")
        parser.add_argument("--to", required=True, type=Path, metavar="FOLDER")
        for part in ("documents", "sound", "video"):
            parser.add_argument(f"--no-{part}", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """A call whose folder is there is passed by: what was cut off goes on where it
        ended. Raises CommandError with nothing half left."""
        parts = Parts(
            *(not options[f"no_{name}"] for name in ("documents", "sound", "video"))
        )
        calls, root = _calls(options["code"]), options["to"].expanduser().resolve()
        left = [call for call in calls if not (root / _folder(call)).exists()]
        try:
            root.mkdir(parents=True, exist_ok=True)
            _check_room(root, sum(pieces.size_of(call, parts) for call in left))
            for call in left:
                self._write(call, parts, root)
            self._list(root, calls)
        except OSError as error:
            full = error.errno in FULL
            why = "the disk is full" if full else f"{root}: {error.strerror}"
            raise CommandError(f"Stopped: {why}. Run it again to go on") from error
        self.stdout.write(f"{len(left)} calls written to {root}")

    def _write(self, call: Meeting, parts: Parts, root: Path) -> None:
        """Half a call has a name that begins with a dot, and goes with the error."""
        folder = _folder(call)
        half = root / f".{folder}.part"
        shutil.rmtree(half, ignore_errors=True)
        try:
            pieces.take(call, half.name, parts, Folder(root, _Watch(root)))
            half.rename(root / folder)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
        self.stdout.write(folder)

    def _list(self, root: Path, calls: Iterable[Meeting]) -> None:
        entries = [pieces.entry_of(call, _folder(call)) for call in calls]
        new = root / f".{pieces.CATALOGUE}"
        new.write_bytes(pieces.catalogue(entries))
        new.replace(root / pieces.CATALOGUE)


class _Watch:
    """Looks at the disk while something is written."""

    def __init__(self, root: Path) -> None:
        self._root, self._looked = root, time.monotonic()

    def __call__(self, count: int) -> None:
        if time.monotonic() - self._looked >= LOOK:
            self._looked = time.monotonic()
            if room_left(self._root) < LEAST:
                raise OSError(FULL[0], "the disk is full")


def _calls(code: str) -> QuerySet[Meeting]:
    all_that_can_be_seen = Meeting.objects.visible_to(User(is_superuser=True))
    ended = all_that_can_be_seen.filter(state=Meeting.State.ENDED)
    ended = ended.prefetch_related("participants").order_by("-started_at", "-pk")
    if code == "all":
        return ended
    if not ended.filter(code=code).exists():
        raise CommandError(f"No meeting that has ended has the code {code}")
    return ended.filter(code=code)


def _folder(call: Meeting) -> str:
    """The same at each run, whatever other calls there are."""
    return file_name(f"{call.date:%Y-%m-%d} {call.name}", f" ({call.code})")


def _check_room(root: Path, needed: int) -> None:
    room = room_left(root) - LEAST
    if room < needed:
        sizes = f"{filesizeformat(needed)}, there is room for {filesizeformat(room)}"
        raise CommandError(f"It takes {sizes}".replace("\xa0", " "))
