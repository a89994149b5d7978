"""What work that was cut off has left on the disk: half files, folders of nobody."""

import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog
from django.conf import settings

from meetings.imports.services import INCOMING
from meetings.models import Job, Meeting, Recording

log = structlog.get_logger(__name__)

INTERVAL = 3600.0  # s between two sweeps
UNTOUCHED = 3600.0  # s after which nobody writes there any more
RETRY_DAYS = 7  # that the files of a failed import wait for another try
HALF = ("*.part", "*/*.part", "*.repair")  # moved over its name when it is whole


class Sweeper:
    """Sweeps at its first call, and then once in INTERVAL."""

    def __init__(self) -> None:
        self._next = 0.0

    def run(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + INTERVAL
            sweep()


def sweep(now: float | None = None) -> int:
    """Delete what nobody needs and nobody has touched for a while; how many.

    A file that cannot be deleted is told, and keeps nothing else.
    """
    now = now or time.time()
    count = 0
    for path in [*_unclaimed(now), *_half_done(now)]:
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        except OSError as error:
            log.error("a leftover stays on the disk", path=str(path), error=str(error))
            continue
        log.info("a leftover is gone", path=str(path))
        count += 1
    return count


def _unclaimed(now: float) -> Iterator[Path]:
    """Folders without a meeting. Those of numbers to come may be of another database,
    one of before a backup: they stay, unless all they hold is files to import."""
    known = set(Meeting.objects.values_list("pk", flat=True))
    last = max(known, default=0)
    for folder in _folders():
        number = int(folder.name) if folder.name.isdecimal() else None
        if number in known or not _is_old(folder, now, UNTOUCHED):
            continue
        sources = all(path.name.startswith("source-") for path in folder.iterdir())
        if folder.name.startswith(INCOMING) or number and (number < last or sources):
            yield folder


def _half_done(now: float) -> Iterator[Path]:
    """In folders of meetings: half files, mixes of before, files to import for which
    nobody asked again."""
    played = Recording.objects.values_list("meeting_id", "mix", "video")
    current = {id: {Path(file).parent.name for file in files} for id, *files in played}
    rows = Job.objects.filter(state__in=Job.UNFINISHED)
    at_work = set(rows.values_list("meeting_id", "kind"))
    for folder in filter(lambda folder: folder.name.isdecimal(), _folders()):
        number = int(folder.name)
        yield from _old(folder, HALF, now, UNTOUCHED)
        if (number, "compose") not in at_work:
            mixed = _old(folder, ["play-*"], now, UNTOUCHED)
            yield from (p for p in mixed if p.name not in current.get(number, ()))
        if (number, "film") not in at_work:
            films = _old(folder, ["film-*"], now, UNTOUCHED)
            yield from (p for p in films if p.name not in current.get(number, ()))
        if (number, "mp4") not in at_work:
            yield from _old(folder, ["video-*/part-*"], now, UNTOUCHED)
        if (number, "import") not in at_work:
            sources = _old(folder, ["source-*"], now, RETRY_DAYS * 86_400.0)
            yield from (path for path in sources if not path.suffix)


def _folders() -> list[Path]:
    root = Path(settings.RECORDINGS_DIR)
    return [path for path in root.iterdir() if path.is_dir()] if root.exists() else []


def _old(
    folder: Path, patterns: Iterable[str], now: float, seconds: float
) -> Iterator[Path]:
    for pattern in patterns:
        for path in folder.glob(pattern):
            if _is_old(path, now, seconds):
                yield path


def _is_old(path: Path, now: float, seconds: float) -> bool:
    """Whether it, and all in it, was left alone for so long."""
    try:
        inside = [path, *path.iterdir()] if path.is_dir() else [path]
        changed = max(max(p.stat().st_mtime, p.stat().st_ctime) for p in inside)
    except FileNotFoundError:
        return False
    return now - changed > seconds
