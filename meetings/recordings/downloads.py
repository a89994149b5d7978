"""Each person's sound as a file that opens everywhere, made once the call is mixed."""

import shutil
import time
from pathlib import Path

from meetings import jobs
from meetings.media.config import MediaConfig
from meetings.media.egress.downloads import BYTES_PER_SECOND, to_m4a
from meetings.models import Job, Recording
from meetings.recordings import finishing
from meetings.recordings.giving_way import is_erasing, others_wait

KIND = "downloads"
LOOK = 2.0  # s between two looks at whether somebody is to be deleted
DELETED_FIRST = "Somebody's data is deleted first"


def make(job: Job, progress: jobs.Progress) -> None:
    """An M4A beside each stem of the mix; those that are there are kept."""
    recording = Recording.objects.filter(meeting=job.meeting).first()
    if recording is None:
        return
    stems = [recording.path(file) for file in recording.stems.values()]
    left = [stem for stem in stems if not m4a_of(stem).exists()]
    total = max(1, recording.duration_ms)
    try:
        for number, stem in enumerate(left):
            _check_room(stem.parent, total)
            steps = Steps(job, progress, number, len(left), total)
            to_m4a(stem, m4a_of(stem), steps)
            if stem != left[-1] and others_wait():
                raise jobs.JobInterrupted
    except Exception as error:
        if getattr(error, "errno", None) in finishing.FULL:
            raise jobs.JobFailed(finishing.NO_ROOM) from error
        if not isinstance(error, OSError) or stems[0].parent.is_dir():
            raise
        # mixed anew meanwhile: the sound of that mix is asked for, too


def m4a_of(stem: Path) -> Path:
    return stem.with_suffix(".m4a")


def _check_room(folder: Path, duration_ms: int) -> None:
    needed = duration_ms // 1000 * BYTES_PER_SECOND + MediaConfig().video_reserve
    if shutil.disk_usage(folder).free < needed:
        raise jobs.JobFailed(finishing.NO_ROOM)


class Steps:
    """How far one of several files is; stops for who is being deleted."""

    def __init__(
        self, job: Job, progress: jobs.Progress, number: int, count: int, total: int
    ) -> None:
        self._job, self._progress = job, progress
        self._number, self._count, self._total = number, count, total
        self._next = 0.0

    def __call__(self, ms: int) -> None:
        """Raises JobInterrupted or JobWaits when the work is to end for now."""
        self._progress((self._number + ms / self._total) / self._count)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOOK
            if is_erasing(self._job):
                raise jobs.JobWaits(DELETED_FIRST)
