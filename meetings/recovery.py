"""Meetings that nobody ended: after a crash, and rooms that stay empty."""

import threading
import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from meetings import rooms, tracks
from meetings.media.egress.manifest import RecordingManifest, repair_all
from meetings.models import Meeting, Track
from meetings.models.recording import folder_of
from meetings.services import end_meeting

log = structlog.get_logger(__name__)

LOOK_SECONDS = 15.0  # between two looks for empty rooms


def repair_meetings() -> None:
    """At web start: make whole what a crash left open. Meetings stay live, so that
    their people come back by themselves."""
    for meeting in _unfinished():
        try:
            _repair(meeting)
        except Exception:
            # One broken folder must not keep the server from starting.
            log.exception("a meeting could not be repaired", meeting=meeting.code)


def _unfinished() -> list[Meeting]:
    live = Q(state=Meeting.State.LIVE)
    torn = Q(participants__tracks__state=Track.State.OPEN)
    return list(Meeting.objects.filter(live | torn).distinct())


def _repair(meeting: Meeting) -> None:
    folder = folder_of(meeting)
    repaired = {segment.id for segment in repair_all(folder)}
    for segment in RecordingManifest(folder).load().values():
        if segment.kind == "audio":
            tracks.save(segment)
    meeting.participants.filter(left_at=None).update(left_at=_last_sound(meeting))
    if repaired:
        meeting.recovered = True
        meeting.save(update_fields=["recovered"])
        log.info("recording repaired", meeting=meeting.code, files=len(repaired))


def _last_sound(meeting: Meeting) -> datetime:
    """When somebody was last heard or left; the latest the rows know."""
    rows = Track.objects.filter(participant__meeting=meeting)
    heard = max((track.end_ms for track in rows), default=0)
    zero = meeting.started_at or meeting.created_at
    left = meeting.participants.filter(left_at__isnull=False)
    leaving = max((person.left_at for person in left if person.left_at), default=zero)
    return max(leaving, zero + timedelta(milliseconds=heard))


class EmptyRooms:
    """Knows since when each live meeting has nobody in its room."""

    def __init__(self, limit: float) -> None:
        self._limit = limit  # seconds
        self._since: dict[int, float] = {}

    def look(self, people: dict[int, int], now: float) -> list[int]:
        """``people``: live meeting -> how many. Returns those to end now."""
        empty = [meeting for meeting, count in people.items() if not count]
        self._since = {key: self._since.get(key, now) for key in empty}
        return [key for key in empty if now - self._since[key] >= self._limit]


def end_empty_rooms(stop: threading.Event) -> None:
    """The thread that ends what stays empty for EMPTY_ROOM_MINUTES, until ``stop``."""
    empty = EmptyRooms(settings.EMPTY_ROOM_MINUTES * 60)
    while not stop.wait(LOOK_SECONDS):
        try:
            _end_empty(empty)
        except Exception:
            log.exception("empty rooms could not be ended")
        close_old_connections()


def _end_empty(empty: EmptyRooms) -> None:
    here = rooms.head_counts()
    live = Meeting.objects.filter(state=Meeting.State.LIVE)
    people = {meeting.pk: here.get(meeting.pk, 0) for meeting in live}
    for meeting in live.filter(pk__in=empty.look(people, time.monotonic())):
        log.info("an empty meeting is ended", meeting=meeting.code)
        end_meeting(meeting, at=min(_last_sound(meeting), timezone.now()))
