"""How a call ends for good: after the promised days, or because somebody asks."""

import shutil
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from meetings.models import Meeting
from meetings.models.recording import folder_of

BIN_DAYS = 7  # in which a deleted call can be brought back

log = structlog.get_logger(__name__)


def expire() -> int:
    """Delete ended meetings older than RETENTION_DAYS, and those that were in the bin
    for BIN_DAYS, files first; how many.

    A run that is cut off leaves rows whose files are gone: the next one ends the work.
    """
    limit = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    ended = Q(state=Meeting.State.ENDED, ended_at__lt=limit)
    failed = Q(state=Meeting.State.IMPORTING, created_at__lt=limit)
    count = 0
    binned = Q(deleted_at__lt=timezone.now() - timedelta(days=BIN_DAYS))
    for meeting in Meeting.objects.filter(ended | failed | binned):
        try:
            delete(meeting)
        except (OSError, DatabaseError) as error:  # the others have a promise, too
            what = "a meeting is kept longer than promised: look at its folder"
            log.error(what, meeting=meeting.code, error=str(error))
            continue
        log.info("a meeting was kept as long as promised", meeting=meeting.code)
        count += 1
    return count


def put_in_bin(meeting: Meeting) -> None:
    """Nobody sees it from now on; all of it is kept for BIN_DAYS."""
    meeting.deleted_at = timezone.now()
    meeting.save(update_fields=["deleted_at"])
    log.info("a call was put into the bin", meeting=meeting.code)


def bring_back(meeting: Meeting) -> None:
    meeting.deleted_at = None
    meeting.save(update_fields=["deleted_at"])
    log.info("a call was brought back", meeting=meeting.code)


def delete(meeting: Meeting) -> None:
    """A meeting with its sound and all that was written of it.

    Its jobs go first: a runner whose row is gone stops at its next step. What it wrote
    until then goes after the rows. Raises OSError while the files cannot be deleted.
    """
    folder = folder_of(meeting)
    meeting.jobs.all().delete()
    shutil.rmtree(folder)
    meeting.delete()
    shutil.rmtree(folder, ignore_errors=True)
