"""How long an export is kept, and what makes it go: its taker, its time, a deletion."""

import shutil
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dashboard.models import Export
from dashboard.models.export import KEPT
from meetings import jobs
from meetings.models import Job, Meeting

log = structlog.get_logger(__name__)

LISTED = timedelta(days=30)  # that the page tells of one that is gone
UNTOUCHED = 3600.0  # s after which nobody writes into a folder of no row
MOST = 3  # of one person that wait or are packed: the disk is everybody's


class TooManyExports(Exception):
    """Somebody has enough under way; the message is for people."""

    def __init__(self) -> None:
        super().__init__(f"{MOST} are on their way already. Wait, or cancel one.")


def order(export: Export) -> Export:
    """Have an export packed. Raises TooManyExports."""
    theirs = Export.objects.filter(by=export.by, gone="", file="")
    if sum(row.is_at_work for row in theirs.select_related("job")) >= MOST:
        raise TooManyExports
    with transaction.atomic():
        export.save()
        export.job = jobs.request("pack", None, export=export.pk)
        export.save(update_fields=["job"])
    log.info(
        "calls are taken out",
        export=export.pk,
        by=export.by_id,
        scope=export.scope,
        meeting=export.meeting_id,
    )
    return export


def end(exports: Any, why: str) -> int:
    """Let exports go, with their files; ``why``: one of Export.Gone. How many."""
    ended = 0
    for export in list(exports.filter(gone="")):
        # A name of somebody who is deleted may stand in the title and in the search.
        values = {"gone": why, "file": "", "query": "", "finished_at": timezone.now()}
        ended += Export.objects.filter(pk=export.pk, gone="").update(**values)
        Job.objects.filter(pk=export.job_id, state=Job.State.QUEUED).delete()
        transaction.on_commit(partial(discard, export))
        log.info("an export is gone", export=export.pk, by=export.by_id, why=why)
    return ended


def discard(export: Export) -> None:
    """Delete what lies of it on the disk; what cannot be is told, and swept later."""
    try:
        shutil.rmtree(export.folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        log.error("an export stays on the disk", export=export.pk, error=str(error))


def withdraw(meeting_id: int) -> None:
    """Something in a call is deleted: no copy of it stays here."""
    end(Export.objects.filter(packed=meeting_id), Export.Gone.WITHDRAWN)


def forget_deleted(sender: Any, instance: Any, **more: Any) -> None:
    """Before a call or a person of one is deleted, and once more behind it: a packer
    may have read the call between the two."""
    call = instance.pk if isinstance(instance, Meeting) else instance.meeting_id
    withdraw(call)
    transaction.on_commit(lambda: withdraw(call))


def sweep() -> int:
    """Let go what was kept its time, and what nobody's row names; how many."""
    now = timezone.now()
    over = Export.objects.filter(finished_at__lt=now - KEPT)
    count = end(over.exclude(file=""), Export.Gone.EXPIRED)
    stale = Export.objects.filter(created_at__lt=now - LISTED)
    for row in stale.exclude(gone="") | stale.filter(job__state=Job.State.FAILED):
        if row.job:
            row.job.delete()
        row.delete()
    return count + _without_row()


def _without_row() -> int:
    root = Path(settings.RECORDINGS_DIR) / "exports"
    folders = list(root.iterdir()) if root.is_dir() else []
    live = Export.objects.filter(gone="").values_list("pk", flat=True)
    known = {str(pk) for pk in live}
    doomed = [path for path in folders if path.name not in known and _is_old(path)]
    for path in doomed:
        shutil.rmtree(path, ignore_errors=True)
    return len(doomed)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > UNTOUCHED
