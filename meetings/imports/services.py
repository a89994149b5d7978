"""Recorded calls come in: what people hand in becomes a meeting, and a job reads it."""

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from meetings import jobs
from meetings.imports import uploads
from meetings.models import Meeting
from meetings.models.names import one_line

INCOMING = "incoming-"  # folders beside those of meetings: files without a meeting yet
FULL = (errno.ENOSPC, errno.EDQUOT)


class Refused(Exception):
    """A file cannot be imported; ``code`` is for scripts, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Source:
    """A file to import: where it lies and what the person who sent it calls it."""

    path: Path
    name: str

    @property
    def speaker(self) -> str:
        return speaker_of(self.name)


@dataclass(frozen=True)
class ImportChoice:
    """What of the files is wanted. ``tracks``: numbers of sound tracks from 1 on, none
    for all that are not silent. ``split_stereo``: left and right are two people."""

    split_stereo: bool = False
    tracks: tuple[int, ...] = ()


def numbers(text: str) -> tuple[int, ...]:
    """Track numbers as people type them, "1, 3". Raises Refused."""
    parts = text.replace(",", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise Refused("bad_tracks", "Name sound tracks by their numbers, like 1, 3.")
    return tuple(int(part) for part in parts)


def speaker_of(name: str) -> str:
    """Who speaks in a file of this name."""
    return (one_line(Path(name).stem) or "Unknown")[:70]


def import_files(
    owner: User,
    sources: Sequence[Source],
    title: str = "",
    choice: ImportChoice = ImportChoice(),
    *,
    keep_sources: bool = True,
) -> Meeting:
    """A meeting out of recorded files; a job looks into them and reads them.

    Several files are one person each, on one clock. ``keep_sources`` copies the files
    instead of moving them. Raises Refused before anything is kept.
    """
    _check(sources, choice)
    # Gigabytes are copied before the transaction, which holds the database's pen.
    incoming = _bring(sources, keep_sources)
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                owner=owner,
                title=(one_line(title) or sources[0].speaker)[:200],
                state=Meeting.State.IMPORTING,
                started_at=timezone.now(),
            )
            incoming = _hand_over(incoming, meeting)
            jobs.request(
                "import",
                meeting,
                files=[
                    {"file": f"source-{n}", "name": source.name, "people": []}
                    for n, source in enumerate(sources)
                ],
                split=choice.split_stereo,
                tracks=list(choice.tracks),
            )
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    return meeting


def _check(sources: Sequence[Source], choice: ImportChoice) -> None:
    if not sources:
        raise Refused("no_file", "Choose at least one file.")
    if choice.split_stereo and len(sources) > 1:
        raise Refused("split_many", "Only a single stereo file can be split by side.")
    for source in sources:
        size = source.path.stat().st_size
        if size > settings.UPLOAD_MAX_BYTES:
            limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
            raise Refused("too_large", f"{source.name} is larger than {limit}.")
        if size == 0:
            raise Refused("empty", f"{source.name} is empty.")


def _bring(sources: Sequence[Source], copy: bool) -> Path:
    """The files in a folder of their own, under names that say nothing."""
    root = Path(settings.RECORDINGS_DIR)
    root.mkdir(parents=True, exist_ok=True)
    size = sum(source.path.stat().st_size for source in sources) if copy else 0
    if shutil.disk_usage(root).free < size + uploads.RESERVE:
        raise _no_room()
    incoming = root / f"{INCOMING}{uuid4().hex}"
    incoming.mkdir(mode=0o700)
    try:
        for number, source in enumerate(sources):
            target = incoming / f"source-{number}"
            (shutil.copyfile if copy else shutil.move)(source.path, target)
            target.chmod(0o600)
    except BaseException as error:
        shutil.rmtree(incoming, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise _no_room() from error
        raise
    return incoming


def _no_room() -> Refused:
    return Refused("no_room", "The server has no room for these files now.")


def _hand_over(incoming: Path, meeting: Meeting) -> Path:
    """The folder becomes the meeting's. What lies there is of a meeting that was never
    committed: its number is used again."""
    folder = Path(settings.RECORDINGS_DIR) / str(meeting.pk)
    if folder.exists():
        shutil.rmtree(folder)
    os.rename(incoming, folder)
    return folder
