"""The job that packs calls into one file: streamed, watched, and begun where it ended.

Whoever is deleted meanwhile takes the whole export along (``keeping``): the packer
looks at its row every second, and a call is noted in the row before a word of it is
read, so that no deletion can miss it.
"""

import time

import structlog
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from dashboard.exports import pieces, which
from dashboard.exports.archive import Archive, room_left
from dashboard.exports.keeping import discard
from dashboard.exports.pieces import Names, Parts
from dashboard.models import Export
from meetings import jobs
from meetings.media.config import MediaConfig
from meetings.models import Job, Meeting
from meetings.models.names import file_name
from meetings.recordings.finishing import FULL, NO_ROOM
from meetings.recordings.giving_way import others_wait

log = structlog.get_logger(__name__)

KIND = "pack"
LOOK = 1.0  # s between two looks at the row and at the disk
LEAST = 60.0  # s of work before quicker jobs are let by: each return costs a look
NOTHING = "No call that you may see is among them."


class Ended(Exception):
    """The export was cancelled, or is to go."""


def pack(job: Job, progress: jobs.Progress) -> None:
    """Make the file of an export; one that is whole or gone is left. Raises JobFailed
    with nothing left on the disk, JobInterrupted with all that is whole."""
    found = Export.objects.filter(pk=job.payload["export"])
    export = found.filter(gone="", file="").first()
    if export is None:
        return
    try:
        _Packing(export, progress).run()
    except Ended:
        discard(export)
    except jobs.JobFailed:
        discard(export)
        raise
    except OSError as error:
        if error.errno not in FULL:
            raise
        discard(export)
        raise jobs.JobFailed(NO_ROOM) from error


class _Packing:
    def __init__(self, export: Export, progress: jobs.Progress) -> None:
        self._export, self._progress = export, progress
        self._parts = Parts(export.documents, export.sound, export.video)
        self._written, self._total = 0, 1
        self._began = self._looked = time.monotonic()

    def run(self) -> None:
        wanted = list(which.wanted(self._export).values_list("pk", flat=True))
        if not wanted:
            raise jobs.JobFailed(NOTHING)
        self._check_room(wanted)
        archive = Archive(self._export.folder, self._step)
        self._written = archive.resumed_at
        try:
            self._pack(archive, wanted)
        finally:
            archive.leave()

    def _check_room(self, wanted: list[int]) -> None:
        """Refuse what has no room, before a byte is written."""
        calls = Meeting.objects.filter(pk__in=wanted).prefetch_related("participants")
        sizes = []
        for meeting in calls.iterator(200):
            sizes.append(pieces.size_of(meeting, self._parts))
            self._step(0)
        self._total = max(1, sum(sizes))
        room = room_left(self._export.folder) - MediaConfig().video_reserve
        done = self._export.folder / "calls.zip.part"
        there = done.stat().st_size if done.is_file() else 0
        if room + there < self._total:
            needs = filesizeformat(self._total).replace("\xa0", " ")
            has = filesizeformat(max(0, room)).replace("\xa0", " ")
            raise jobs.JobFailed(
                f"It takes {needs}, and the server's disk has room for {has}. "
                "Make room, or take less."
            )

    def _pack(self, archive: Archive, wanted: list[int]) -> None:
        names = Names(entry[0] for entry in archive.done.values())
        for number, pk in enumerate(wanted):
            if str(pk) not in archive.done and (meeting := self._claimed(pk)):
                folder = pieces.folder_for(meeting, names)
                missed = pieces.take(meeting, folder, self._parts, archive)
                if missed:
                    log.warning("files of a call went meanwhile", files=missed)
                archive.note(str(pk), pieces.entry_of(meeting, folder))
                if number + 1 < len(wanted):
                    self._let_by(archive)
        listed = pieces.catalogue(archive.done.values())
        archive.add(pieces.CATALOGUE, listed, timezone.now())
        self._look()
        self._let_fetch(archive)

    def _claimed(self, pk: int) -> Meeting | None:
        """The call, if its taker may still see it, noted as one that is in the file."""
        taker = User.objects.get(pk=self._export.by_id)  # with the rights of now
        calls = Meeting.objects.visible_to(taker)
        if not calls.filter(pk=pk).exists():
            return None
        try:
            with transaction.atomic():
                self._export.packed.add(pk)
        except IntegrityError:
            return None  # deleted between the two lines
        self._look()
        return calls.prefetch_related("participants").filter(pk=pk).first()

    def _step(self, count: int) -> None:
        """Raises Ended, JobFailed or JobInterrupted when the work is to end."""
        self._written += count
        self._progress(min(0.99, self._written / self._total) if count else 0)
        if time.monotonic() - self._looked >= LOOK:
            self._look()

    def _look(self) -> None:
        self._looked = time.monotonic()
        if not Export.objects.filter(pk=self._export.pk, gone="").exists():
            raise Ended
        if room_left(self._export.folder) < MediaConfig().video_reserve:
            raise jobs.JobFailed(NO_ROOM)

    def _let_by(self, archive: Archive) -> None:
        if time.monotonic() - self._began > LEAST and others_wait():
            archive.save()
            raise jobs.JobInterrupted

    def _let_fetch(self, archive: Archive) -> None:
        """The file has its name before the row says so; who deletes waits for the row
        or is seen here."""
        export = self._export
        size = archive.finish(export.path)
        name = _name(export, archive)
        mine = Export.objects.filter(pk=export.pk, gone="")
        values = {"calls": len(archive.done), "size": size, "file": name}
        if not mine.update(finished_at=timezone.now(), **values):
            raise Ended
        log.info("calls are packed", export=export.pk, by=export.by_id, **values)


def _name(export: Export, archive: Archive) -> str:
    if export.scope == Export.Scope.CALL and archive.done:
        return file_name(str(next(iter(archive.done.values()))[0]), ".zip")
    return f"calls-{timezone.now():%Y-%m-%d}.zip"
