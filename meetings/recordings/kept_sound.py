"""What did not arrive is handed in afterwards, by the browser that kept it.

Which stretches are missing is asked of the manifest: the truth of a recording. What
comes in becomes a closed file of its own beside the others, written by whichever
process was asked; nobody who holds the room writes there.
"""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db import transaction
from django.utils import timezone

from meetings import jobs, taps
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.egress.missing import missing, settled
from meetings.media.events import Segment
from meetings.media.ingress.kept_sound import FRAME_MS, KeptSlice, write_slice
from meetings.media.spans import FOR_GOOD, Span, within
from meetings.media.writers import sha256
from meetings.models import Meeting, Participant, Track
from meetings.models.recording import folder_of
from meetings.rooms import track_rows

log = structlog.get_logger(__name__)

OPEN_FOR = timedelta(hours=24)  # after the end of a call
# In all of one person; a browser keeps ten minutes at a time, and a bad line has many
# interruptions.
MOST_MS = 60 * 60_000
GONE = "Nothing is kept of this call any more."


class NotTaken(Exception):
    """Sound is not taken; ``code`` and ``status`` say why to the browser."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def check(person: Participant) -> None:
    """Whether anything may come from this person now. Raises NotTaken."""
    ended = person.meeting.ended_at
    if ended and timezone.now() - ended > OPEN_FOR:
        raise NotTaken("too_late", 410, "The call ended more than 24 hours ago.")
    if not person.is_recorded:
        raise NotTaken("unrecorded", 403, "You chose not to be recorded.")


def missing_of(person: Participant) -> tuple[list[Span], int]:
    """The stretches that are missing of somebody, and until when all is known; ms on
    the meeting's clock."""
    segments = _segments(person)
    known = settled(segments, person.meeting.clock_ms())
    return missing(_recorded_times(person), segments), known


def hand_in(person: Participant, kept: KeptSlice) -> Track:
    """Put a slice into the recording; the same one twice is refused. Raises NotTaken,
    OSError."""
    check(person)
    folder = folder_of(person.meeting)
    name = f"{secrets.token_hex(16)}.ogg"
    part = folder / f"{name}.part"
    try:
        duration_ms = write_slice(part, kept)  # before anybody has to wait for it
        segment = Segment(
            id=Path(name).stem,
            participant_id=str(person.pk),
            source=Track.Source.MICROPHONE.value,
            kind="audio",
            codec="opus",
            file=name,
            offset_ms=kept.start_ms,
            state="closed",
            duration_ms=duration_ms,
            sha256=sha256(part),
            handed_in=True,
        )
        return _take_in(person.pk, segment, kept, part)
    except FileNotFoundError as error:  # the call was deleted with its folder
        raise NotTaken("gone", 404, GONE) from error
    finally:
        part.unlink(missing_ok=True)


@transaction.atomic
def _take_in(person_id: int, segment: Segment, kept: KeptSlice, part: Path) -> Track:
    """The file gets its name and its row. Of two who hand in the same, one waits, and
    finds that it is not missing any more."""
    person = _locked(person_id)
    check(person)
    _check_room(person, kept)
    folder = folder_of(person.meeting)
    os.replace(part, folder / segment.file)
    track = track_rows.save(segment)
    RecordingManifest(folder).append(segment)
    taps.handed_in.publish(track.pk)
    if person.meeting.is_over:
        jobs.request("repair", person.meeting)  # and what follows it: mix, second pass
    log.info(
        "sound was handed in",
        meeting=person.meeting.code,
        participant=person.pk,
        ms=segment.duration_ms,
    )
    return track


def _locked(person_id: int) -> Participant:
    """Who deletes this person, or the call, waits; or has done it. Raises NotTaken."""
    known = Participant.objects.filter(pk=person_id).values_list("meeting_id")
    meeting = Meeting.objects.select_for_update(no_key=True).filter(pk__in=known)
    rows = Participant.objects.select_for_update(no_key=True)
    if not meeting.first() or not (person := rows.filter(pk=person_id).first()):
        raise NotTaken("gone", 404, GONE)
    return person


def _check_room(person: Participant, kept: KeptSlice) -> None:
    """That what comes is missing, and not too much in all. Raises NotTaken."""
    begin, end = kept.start_ms, kept.end_ms
    earlier = person.tracks.filter(handed_in=True)
    had = sum(earlier.values_list("duration_ms", flat=True))
    if had + end - begin > MOST_MS:
        raise NotTaken("too_much", 413, "One person hands in an hour at most.")
    lacking, _ = missing_of(person)
    if not any(a - FRAME_MS <= begin and end <= b + FRAME_MS for a, b in lacking):
        raise NotTaken("not_missing", 409, "That is not missing.")


def _segments(person: Participant) -> list[Segment]:
    """Of the manifest; a file that was handed in counts once it has its row."""
    folder = folder_of(person.meeting)
    rows = set(person.tracks.filter(handed_in=True).values_list("file", flat=True))
    return [
        segment
        for segment in RecordingManifest(folder).load().values()
        if segment.participant_id == str(person.pk)
        and segment.kind == "audio"
        and segment.source == Track.Source.MICROPHONE
        and (not segment.handed_in or segment.file in rows)
    ]


def _recorded_times(person: Participant) -> Sequence[Span]:
    """When this person's sound should have been written: from the first time in the
    room to the end of the call, while they agreed."""
    meeting = person.meeting
    if person.entered_at is None or meeting.started_at is None:
        return []
    until = meeting.clock_ms(meeting.ended_at)  # of a call that goes on: now
    return within([(meeting.clock_ms(person.entered_at), until)], _agreed(person))


def _agreed(person: Participant) -> list[Span]:
    """The stretches in which somebody's last word was yes."""
    spans: list[Span] = []
    since: datetime | None = None
    clock = person.meeting.clock_ms
    for entry in person.consent_log.order_by("at", "pk"):
        yes = entry.choice == Participant.Consent.RECORDED
        if yes and since is None:
            since = entry.at
        elif not yes and since is not None:
            spans.append((clock(since), clock(entry.at)))
            since = None
    if since is not None:
        spans.append((clock(since), FOR_GOOD))
    return spans
