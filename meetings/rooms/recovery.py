"""Meetings that nobody ended: after a crash, and rooms that stay empty."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from meetings.models import Meeting, Track
from meetings.rooms import track_rows
from meetings.rooms.leases import HeldElsewhere, Lease, Leases, fenced
from meetings.services import end_here

if TYPE_CHECKING:
    from meetings.rooms.call_server import CallServer

log = structlog.get_logger(__name__)

LOOK_SECONDS = 15.0  # between two looks for empty rooms


def repair_meetings(leases: Leases) -> None:
    """At the start: make whole what a crash left open, where nobody else is at it.
    Meetings stay live, so that their people come back by themselves."""
    for meeting in _unfinished():
        try:
            _repair(meeting, leases.take(meeting.pk))
        except HeldElsewhere:
            continue
        except Exception:
            # One broken folder must not keep the server from starting.
            log.exception("a meeting could not be repaired", meeting=meeting.code)
        if not meeting.is_live:
            leases.release(meeting.pk)


def _unfinished() -> list[Meeting]:
    live = Q(state=Meeting.State.LIVE)
    torn = Q(participants__tracks__state=Track.State.OPEN)
    return list(Meeting.objects.filter(live | torn).distinct())


def _repair(meeting: Meeting, lease: Lease) -> None:
    mended = track_rows.adopt(meeting, lease)
    with fenced(lease):
        meeting.participants.filter(left_at=None).update(left_at=_last_sound(meeting))
        if mended:
            meeting.recovered = True
            meeting.save(update_fields=["recovered"])
    if mended:
        log.info("recording repaired", meeting=meeting.code, files=mended)


def _last_sound(meeting: Meeting) -> datetime:
    """When somebody was last heard or left; the latest the rows know."""
    rows = Track.objects.filter(participant__meeting=meeting).sound()
    heard = max((track.end_ms for track in rows), default=0)
    zero = meeting.started_at or meeting.created_at
    left = meeting.participants.filter(left_at__isnull=False)
    leaving = max((person.left_at for person in left if person.left_at), default=zero)
    return max(leaving, zero + timedelta(milliseconds=heard))


def end_empty_rooms(server: "CallServer") -> None:
    """The thread that ends what stays empty for EMPTY_ROOM_MINUTES."""
    while not server.stopping.wait(LOOK_SECONDS):
        try:
            _end_empty(server.leases, server.rooms.head_counts())
        except Exception:
            log.exception("empty rooms could not be ended")
        close_old_connections()


def _end_empty(leases: Leases, people: dict[int, int]) -> None:
    """The wait is counted from the rows: it goes on over a restart of the server."""
    limit = timedelta(minutes=settings.EMPTY_ROOM_MINUTES)
    for meeting in Meeting.objects.filter(state=Meeting.State.LIVE):
        if people.get(meeting.pk) or timezone.now() - _last_sound(meeting) < limit:
            continue
        with suppress(HeldElsewhere):
            lease = leases.take(meeting.pk)
            log.info("an empty meeting is ended", meeting=meeting.code)
            end_here(lease, at=min(_last_sound(meeting), timezone.now()))
