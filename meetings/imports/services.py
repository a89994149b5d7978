"""Recorded calls come in: what people hand in becomes a meeting, and a job reads it."""

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from meetings import jobs
from meetings.imports import beside, known, uploads
from meetings.imports.refused import Refused
from meetings.models import Account, Meeting, Participant
from meetings.models.names import one_line

INCOMING = "incoming-"  # folders beside those of meetings: files without a meeting yet
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class SourceFile:
    """A file to import: where it lies and what the person who sent it calls it."""

    path: Path
    name: str

    @property
    def speaker(self) -> str:
        return speaker_of(self.name)


@dataclass(frozen=True)
class Voice:
    """Who speaks in a file, or on a side of it: what is empty goes by the file."""

    name: str = ""
    side: str = ""  # of Participant.Side
    email: str = ""


@dataclass(frozen=True)
class ImportChoice:
    """What of the files is wanted. ``tracks``: numbers of sound tracks from 1 on, none
    for all that are not silent. ``split_stereo``: left and right are two people.
    ``language``: what everybody speaks, if that is known. ``voices``: one for each
    file, or for left and right. ``people``: who was there, where nobody says who speaks
    in which file. ``held_at``: when; ``held_else``: when, if the files do not say.
    ``again``: also what is a call already."""

    split_stereo: bool = False
    tracks: tuple[int, ...] = ()
    language: str = ""
    voices: tuple[Voice, ...] = ()
    people: tuple[Voice, ...] = ()
    account: str = ""
    held_at: datetime | None = None
    held_else: datetime | None = None
    again: bool = False

    def fitted(self, files: int) -> "ImportChoice":
        """People are the voices, where there is one for each file or side."""
        wanted = 2 if self.split_stereo else files
        if any(voice.name for voice in self.voices) or len(self.people) != wanted:
            return self
        return replace(self, voices=self.people, people=())

    def told(self) -> dict[str, Any]:
        """What the job has to know beside the files."""
        held_at, held_else = self.held_at, self.held_else
        return {
            "split": self.split_stereo,
            "tracks": list(self.tracks),
            "people": [asdict(person) for person in self.people],
            "held_at": held_at.isoformat() if held_at else "",
            "held_else": held_else.isoformat() if held_else else "",
        }

    def voices_of(self, number: int) -> list[dict[str, str]]:
        """Those of a file, for the job."""
        found = self.voices if self.split_stereo else self.voices[number : number + 1]
        return [asdict(voice) for voice in found[:2]]


def voices(names: Sequence[str], sides: Sequence[str]) -> tuple[Voice, ...]:
    """Voices as a page sends them; a side that is none is left to the file's place."""
    pairs = zip_longest(names, sides, fillvalue="")
    known = Participant.Side.values
    return tuple(
        Voice(one_line(name)[:70], side if side in known else "")
        for name, side in pairs
    )


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
    sources: Sequence[SourceFile],
    title: str = "",
    choice: ImportChoice = ImportChoice(),
    *,
    keep_sources: bool = True,
) -> Meeting:
    """A meeting out of recorded files; a job looks into them and reads them.

    Several files are one person each, on one clock; a transcript among them names who
    speaks in the one recording there is. ``keep_sources`` copies the files instead of
    moving them. Raises Refused before anything is kept.
    """
    sources, told = beside.apart(sources)
    _check(sources, choice, told)
    seen = known.look(owner, [(s.path, s.name) for s in sources], choice.again)
    choice = choice.fitted(len(sources))
    # Gigabytes are copied before the transaction, which holds the database's pen.
    incoming = _bring([*sources, *told], keep_sources)
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                owner=owner,
                title=(one_line(title) or sources[0].speaker)[:200],
                state=Meeting.State.IMPORTING,
                started_at=choice.held_at or timezone.now(),
                language=choice.language,
                account=Account.objects.called(choice.account, by=owner),
            )
            known.note(meeting, seen, "source-", choice.again)
            incoming = _hand_over(incoming, meeting)
            jobs.request(
                "import",
                meeting,
                files=[
                    {
                        "file": f"source-{n}",
                        "name": source.name,
                        "voices": choice.voices_of(n),
                        "people": [],
                    }
                    for n, source in enumerate(sources)
                ],
                **choice.told(),
                transcripts=[
                    {"file": f"source-{n}", "name": source.name}
                    for n, source in enumerate(told, len(sources))
                ],
            )
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    return meeting


def _check(
    sources: Sequence[SourceFile], choice: ImportChoice, told: Sequence[SourceFile]
) -> None:
    if not sources and told:
        raise Refused("no_file", f"{told[0].name} needs its recording beside it.")
    if not sources:
        raise Refused("no_file", "Choose at least one file.")
    if told and (len(sources) > 1 or len(told) > 1):
        raise Refused("many_told", "A transcript goes with one recording.")
    if choice.split_stereo and len(sources) > 1:
        raise Refused("split_many", "Only a single stereo file can be split by side.")
    for source in (*sources, *told):
        size = source.path.stat().st_size
        if size > settings.UPLOAD_MAX_BYTES:
            limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
            raise Refused("too_large", f"{source.name} is larger than {limit}.")
        if size == 0:
            raise Refused("empty", f"{source.name} is empty.")


def _bring(sources: Sequence[SourceFile], copy: bool) -> Path:
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
