"""What happens in media rooms becomes rows, in order, on one thread of its own.

However long the database is away, the rows wait. What a process could not write before
it ended stands in the manifest of each folder, and ``adopt`` reads that.
"""

import threading
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple

import structlog
from django.db import close_old_connections, transaction
from django.utils import timezone

from meetings import sockets, taps
from meetings.media.egress.manifest import RecordingManifest, repair_all
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
from meetings.models import Meeting, Participant, Track
from meetings.models.lifecycle import move
from meetings.models.recording import folder_of
from meetings.outage import insist
from meetings.rooms.leases import Fenced, Lease, fenced

log = structlog.get_logger(__name__)


class Happened(NamedTuple):
    event: RoomEvent
    at: datetime
    lease: Lease | None  # under which the room was held


Entry = Happened | threading.Event | None
Entries = SimpleQueue[Entry]
STATES = {
    "open": Track.State.OPEN,
    "closed": Track.State.CLOSED,
    "repaired": Track.State.REPAIRED,
}

entries: Entries = SimpleQueue()
writing = threading.Event()  # set while the thread below runs in this process


def take(event: RoomEvent, lease: Lease | None = None) -> None:
    """Hear one event of a room, on the media thread: nothing here may wait."""
    meeting_id, participant_id = int(event.room_id), int(event.participant_id or 0)
    match event:
        case SoundBegan():
            taps.sound_began.publish(meeting_id, participant_id)
        case SoundEnded():
            taps.sound_ended.publish(meeting_id, participant_id)
        case _:
            entries.put(Happened(event, timezone.now(), lease))


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


def _write(entry: Happened) -> None:
    close_old_connections()
    try:
        insist(partial(_note, entry), "rows of calls")
    except Fenced as why:
        log.warning("a room event is of a former holder", why=str(why))
    except Exception:
        log.exception("a room event made no row", room_event=repr(entry.event))


def _note(entry: Happened) -> None:
    with fenced(entry.lease):
        note(entry.event, entry.at)
    if isinstance(entry.event, Left):  # who has left reads along no more
        sockets.recheck(meeting=int(entry.event.room_id))


def note(event: RoomEvent, at: datetime) -> None:
    """Write one event of a room down; twice changes nothing."""
    person = Participant.objects.filter(pk=int(event.participant_id or 0))
    match event:
        case Joined() | Resumed():
            person.update(left_at=None)
        case Left():
            person.update(left_at=at)
        case SegmentOpened(segment=segment) | SegmentClosed(segment=segment):
            save(segment)


def adopt(meeting: Meeting, lease: Lease | None = None) -> int:
    """Give each file of an empty call its row, mended where it was left open.

    The rows may lack some: the process was killed while the database was away. Returns
    how many were mended. Raises Fenced. Pictures are large, and a call that goes on
    waits: under a lease they stay as they are, for the job after the call.
    """
    folder = folder_of(meeting)
    mended = repair_all(folder, sound_only=lease is not None)
    for segment in RecordingManifest(folder).load().values():
        if not (folder / segment.file).exists():
            continue
        try:
            with fenced(lease):
                save(segment)
        except Participant.DoesNotExist:
            log.warning("a file is of nobody", meeting=meeting.code, file=segment.file)
    return len(mended)


@transaction.atomic
def save(segment: Segment) -> Track:
    """The row of a segment, made or brought up to its latest state."""
    source = {"source": segment.source}
    facts = {
        "offset_ms": segment.offset_ms,
        "duration_ms": segment.duration_ms,
        "gaps": [list(gap) for gap in segment.gaps],
        "packets_lost": segment.packets_lost,
        "handed_in": segment.handed_in,
    }
    # Whoever else writes the rows of this person waits: no file gets two.
    person = Participant.objects.select_for_update().get(pk=int(segment.participant_id))
    # Of the meeting: the person may have been joined to another one since.
    track, made = Track.objects.get_or_create(
        participant__meeting=person.meeting_id,
        file=segment.file,
        defaults={
            "participant": person,
            "state": _state(segment),
            **source,
            **facts,
        },
    )
    if not made and track.state == Track.State.OPEN and segment.state != "open":
        move(track, _state(segment), **facts)
    return track


def _state(segment: Segment) -> str:
    unreadable = segment.state == "repaired" and segment.duration_ms == 0
    return Track.State.LOST if unreadable else STATES[segment.state]
