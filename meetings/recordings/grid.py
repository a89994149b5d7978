"""The film of a call: made where there was a picture, after the mix.

It takes long and waits for everybody: live calls have the CPU first, and other jobs
are let by after each of its parts. What is whole of it is kept for the next runner.
"""

import hashlib
import json
import shutil
import time
from dataclasses import asdict
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from meetings import jobs
from meetings.events import announce
from meetings.media.config import MediaConfig
from meetings.media.egress.grid import Face, PictureFile
from meetings.media.egress.grid_apart import make_apart
from meetings.media.egress.grid_video import GridOrder
from meetings.media.errors import NoRoom
from meetings.models import Job, Meeting, Recording, Track
from meetings.models.recording import folder_of
from meetings.recordings import finishing
from meetings.recordings.giving_way import is_erasing, others_wait, people_in_calls

log = structlog.get_logger(__name__)

KIND = "film"
REST = 1.5  # s of rest after each half second of work while people are in calls
LOOK = 2.0  # s between two looks at who else wants to work
PLAN = "plan.json"  # what the parts are of
DELETED_FIRST = "Somebody's data is deleted first"


def make(job: Job, progress: jobs.Progress) -> None:
    """The film of a call; of one without pictures, or whose mix is gone, nothing."""
    recording = Recording.objects.filter(meeting=job.meeting).first()
    pictures = finishing.pictures(job.meeting)
    if recording is None or not pictures:
        return
    order = _order(job, recording, pictures)
    begin(order)
    try:
        make_apart(order, MediaConfig().video_reserve, Manners(job, order, progress))
    except NoRoom as error:
        shutil.rmtree(order.folder, ignore_errors=True)
        raise jobs.JobFailed(finishing.NO_ROOM) from error
    (order.folder / PLAN).unlink()
    _let_play(recording, order)


def folder_name(job: Job) -> str:
    """The same at each attempt: the next runner goes on where the last one ended."""
    return f"film-{job.pk}"


def _order(job: Job, recording: Recording, pictures: list[Track]) -> GridOrder:
    return GridOrder(
        faces=_faces(job.meeting),
        pictures=[
            PictureFile(
                person=str(track.participant_id),
                screen=track.source == Track.Source.SCREEN,
                path=track.path,
                offset_ms=track.offset_ms,
                end_ms=track.end_ms,
            )
            for track in pictures
        ],
        duration_ms=recording.duration_ms,
        sound=recording.download,
        folder=folder_of(job.meeting) / folder_name(job),
    )


def _faces(meeting: Meeting) -> list[Face]:
    """Those of whom anything was recorded, while it was."""
    spans: dict[int, list[Track]] = {}
    for track in Track.objects.filter(participant__meeting=meeting).readable():
        spans.setdefault(track.participant_id, []).append(track)
    return [
        Face(
            key=str(person.pk),
            name=person.name,
            initials=person.initials,
            colour=person.colour,
            since_ms=min(track.offset_ms for track in spans[person.pk]),
            until_ms=max(track.end_ms for track in spans[person.pk]),
        )
        for person in meeting.people
        if person.pk in spans
    ]


def begin(order: GridOrder) -> None:
    """Keep parts of the same order, and no others."""
    plan = _fingerprint(order)
    path = order.folder / PLAN
    if not path.is_file() or path.read_text() != plan:
        shutil.rmtree(order.folder, ignore_errors=True)
        order.folder.mkdir()
        path.write_text(plan)


def _fingerprint(order: GridOrder) -> str:
    told: list[Any] = [order.duration_ms, order.alone, *map(asdict, order.faces)]
    told += [asdict(file) | {"path": file.path.name} for file in order.pictures]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class Manners:
    """Lets others by: asked after each half second of work, it may take its time."""

    def __init__(self, job: Job, order: GridOrder, progress: jobs.Progress) -> None:
        self._job = job
        self._order = order
        self._progress = progress
        self._looked = time.monotonic()
        self._parts = self._whole()

    def __call__(self, share: float) -> None:
        """Raises JobInterrupted or JobWaits when the work is to end for now."""
        self._progress(share)
        if time.monotonic() - self._looked >= LOOK:
            self._looked = time.monotonic()
            self._look()
        if people_in_calls():
            time.sleep(REST)

    def _look(self) -> None:
        if is_erasing(self._job):
            raise jobs.JobWaits(DELETED_FIRST)
        parts = self._whole()
        if parts > self._parts and others_wait():
            log.info("a film lets other work by", job=self._job.pk, parts=parts)
            raise jobs.JobInterrupted

    def _whole(self) -> int:
        return len(list(self._order.folder.glob("part-*.mkv")))


@transaction.atomic
def _let_play(recording: Recording, order: GridOrder) -> None:
    """Let players have it, if everybody who is in it still is."""
    meeting = Meeting.objects.select_for_update().get(pk=recording.meeting_id)
    people = [int(face.key) for face in order.faces]
    here = meeting.participants.filter(pk__in=people).count() == len(people)
    row = Recording.objects.filter(pk=recording.pk, mix=recording.mix).first()
    if row is None or not here:  # mixed anew: the film of that mix is asked for
        shutil.rmtree(order.folder, ignore_errors=True)
        return
    old = row.video
    row.video = f"{order.folder.name}/{order.film.name}"
    row.save(update_fields=["video"])
    if old and old != row.video:
        folder = (folder_of(meeting) / old).parent
        transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))
    transaction.on_commit(partial(announce, meeting.pk, {"type": "recording"}))
