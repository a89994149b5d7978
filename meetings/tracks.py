"""What happens in media rooms becomes rows, in order, on one thread of its own."""

import threading
import time
from queue import SimpleQueue

import structlog
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from meetings import taps
from meetings.media.events import (
    Joined,
    Left,
    Resumed,
    RoomEvent,
    Segment,
    SegmentClosed,
    SegmentOpened,
    SoundBegan,
    SoundEnded,
)
from meetings.models import Participant, Track
from meetings.models.lifecycle import move

log = structlog.get_logger(__name__)

Entry = RoomEvent | threading.Event | None
Entries = SimpleQueue[Entry]
LOCKED_TRIES = 20  # of half a second: longer than any write of ours takes
STATES = {
    "open": Track.State.OPEN,
    "closed": Track.State.CLOSED,
    "repaired": Track.State.REPAIRED,
}

entries: Entries = SimpleQueue()
writing = threading.Event()  # set while the thread below runs in this process


def write(queue: Entries) -> None:
    """The thread: one entry after the other; an Event is set when its turn comes."""
    writing.set()
    while (entry := queue.get()) is not None:
        if isinstance(entry, threading.Event):
            entry.set()
        else:
            _write(entry)
    writing.clear()
    close_old_connections()


def flush(timeout: float = 5.0) -> bool:
    """Wait until everything so far is in the database; seconds. At once where no calls
    are held."""
    if not writing.is_set():
        return True
    done = threading.Event()
    entries.put(done)
    return done.wait(timeout)


def _write(event: RoomEvent) -> None:
    close_old_connections()
    for _ in range(LOCKED_TRIES):
        try:
            note(event)
            return
        except OperationalError as error:
            log.warning("the database is busy, a row waits", error=str(error))
            time.sleep(0.5)
        except Exception:
            log.exception("a room event made no row", room_event=repr(event))
            return
    log.error("the database stayed busy", room_event=repr(event))


def note(event: RoomEvent) -> None:
    """Write one event of a room down, and tell the taps where sound begins and ends."""
    meeting_id, participant_id = int(event.room_id), int(event.participant_id or 0)
    match event:
        case Joined() | Resumed():
            Participant.objects.filter(pk=participant_id).update(left_at=None)
        case Left():
            now = timezone.now()
            Participant.objects.filter(pk=participant_id).update(left_at=now)
        case SoundBegan():
            taps.sound_began.publish(meeting_id, participant_id)
        case SoundEnded():
            taps.sound_ended.publish(meeting_id, participant_id)
        case SegmentOpened(segment=segment) | SegmentClosed(segment=segment):
            if segment.kind == "audio":
                save(segment)


def save(segment: Segment) -> Track:
    """The row of a segment, made or brought up to its latest state."""
    facts = {
        "offset_ms": segment.offset_ms,
        "duration_ms": segment.duration_ms,
        "gaps": [list(gap) for gap in segment.gaps],
        "packets_lost": segment.packets_lost,
    }
    track, made = Track.objects.get_or_create(
        participant_id=int(segment.participant_id),
        file=segment.file,
        defaults={"state": _state(segment), **facts},
    )
    if not made and track.state == Track.State.OPEN and segment.state != "open":
        move(track, _state(segment), **facts)
    return track


def _state(segment: Segment) -> str:
    unreadable = segment.state == "repaired" and segment.duration_ms == 0
    return Track.State.LOST if unreadable else STATES[segment.state]
