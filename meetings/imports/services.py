"""Recorded calls come in: one file per person, or one stereo file as two sides."""

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from meetings import jobs
from meetings.media.errors import MediaError
from meetings.media.ingress.files import decode_to_tracks
from meetings.media.probe import MediaInfo, probe
from meetings.models import ConsentChoice, Job, Meeting, Participant, Track
from meetings.models.lifecycle import move
from meetings.models.names import one_line
from meetings.models.participant import COLOURS
from meetings.models.recording import folder_of
from meetings.recordings import finishing

CONSENT_TEXT = "import-1"  # the importer states that the people agreed
SIDES = ("left", "right")
REASONS = {
    "not_media": "is not a sound or video file that can be read",
    "no_audio": "has no sound in it",
}


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
        return (one_line(Path(self.name).stem) or "Unknown")[:70]


def import_files(
    owner: User,
    sources: Sequence[Source],
    title: str = "",
    *,
    split_stereo: bool = False,
    keep_sources: bool = True,
) -> Meeting:
    """A meeting out of recorded files; the work goes on in jobs.

    Several files are one person each, on one clock. ``keep_sources`` copies the files
    instead of moving them. Raises Refused before anything is kept.
    """
    if not sources:
        raise Refused("no_file", "Choose at least one file.")
    looked = [(source, _look(source)) for source in sources]
    if split_stereo and len(looked) > 1:
        raise Refused("split_many", "Only a single stereo file can be split by side.")
    with transaction.atomic():
        meeting = Meeting.objects.create(
            owner=owner,
            title=(one_line(title) or sources[0].speaker)[:200],
            state=Meeting.State.IMPORTING,
            started_at=timezone.now(),
        )
        payload = []
        for source, info in looked:
            stereo = split_stereo and (info.audio.channels or 1) == 2
            names = [
                f"{source.speaker} ({side})" if stereo else source.speaker
                for side in (SIDES if stereo else SIDES[:1])
            ]
            people = [_seat(meeting, name) for name in names]
            kept = _keep(meeting, source, keep_sources)
            payload.append({"file": kept, "name": source.name, "people": people})
        jobs.request("import", meeting, files=payload)
    return meeting


# A probe takes a core: twenty uploads at once would take them all away from the calls,
# and each would find its own time too short.
_turn = threading.BoundedSemaphore(2)


def _look(source: Source) -> MediaInfo:
    size = source.path.stat().st_size
    if size > settings.UPLOAD_MAX_BYTES:
        limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
        raise Refused("too_large", f"{source.name} is larger than {limit}.")
    if size == 0:
        raise Refused("empty", f"{source.name} is empty.")
    try:
        with _turn:
            return probe(source.path)
    except MediaError as error:
        # FFmpeg's own words name files of this server.
        reason = REASONS.get(error.code, "cannot be read")
        raise Refused(error.code, f"{source.name} {reason}.") from None


def _seat(meeting: Meeting, name: str) -> int:
    """A participant who was recorded elsewhere; the first one is taken for our side."""
    count = meeting.participants.count()
    person = Participant.objects.create(
        meeting=meeting,
        name=name,
        side=Participant.Side.THEM if count else Participant.Side.US,
        consent=Participant.Consent.RECORDED,
        colour=count % COLOURS,
    )
    ConsentChoice.objects.create(
        participant=person,
        choice=person.consent,
        text_version=CONSENT_TEXT,
        way=ConsentChoice.Way.IMPORTED,
    )
    return person.pk


def _keep(meeting: Meeting, source: Source, copy: bool) -> str:
    """Into the meeting's folder, under a name that says nothing."""
    name = f"source-{uuid4().hex}"
    target = folder_of(meeting) / name
    if copy:
        shutil.copyfile(source.path, target)
    else:
        shutil.move(source.path, target)
    target.chmod(0o600)
    return name


def convert(job: Job, progress: jobs.Progress) -> None:
    """The import job: every source becomes tracks; then the meeting is an ended one."""
    files: list[dict[str, Any]] = job.payload["files"]
    notes = []
    for number, entry in enumerate(files):

        def report(share: float, number: int = number) -> None:
            progress((number + share) / len(files))

        notes += _convert(job.meeting, entry, report)
    meeting = job.meeting
    tracks = finishing.readable_tracks(meeting)
    if not tracks:
        move(meeting, Meeting.State.ENDED, ended_at=timezone.now())
        raise jobs.JobFailed("; ".join(notes) or "No sound could be read")
    move(
        meeting,
        Meeting.State.ENDED,
        ended_at=timezone.now(),
        duration_ms=max(track.end_ms for track in tracks),
    )
    finishing.finish(meeting)
    for entry in files:
        (folder_of(meeting) / entry["file"]).unlink(missing_ok=True)


def _convert(
    meeting: Meeting, entry: dict[str, Any], report: jobs.Progress
) -> list[str]:
    """Tracks of one source; returns what people should know about it."""
    folder = folder_of(meeting)
    people: list[int] = entry["people"]
    # Named after the source: a second run writes the same files and rows again.
    names = [f"{entry['file']}-{side}.ogg" for side in range(len(people))]
    source = folder / entry["file"]
    if not source.exists():
        return []  # a run before this one was through with it
    try:
        made = decode_to_tracks(
            source, [folder / name for name in names], len(people) == 2, report
        )
    except MediaError as error:
        return [f"{entry['name']} {REASONS.get(error.code, 'cannot be read')}"]
    note = "The file ended early; what was readable is kept" if made.truncated else ""
    for person, name in zip(people, names, strict=True):
        Track.objects.update_or_create(
            participant_id=person,
            file=name,
            defaults={
                "source": Track.Source.IMPORT,
                "state": Track.State.CLOSED,
                "offset_ms": made.offset_ms,
                "duration_ms": made.duration_ms,
                "gaps": made.gaps,
                "note": note,
            },
        )
    return [note] if note else []
