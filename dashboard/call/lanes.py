"""Speaker lanes: when each person spoke, as coordinates of an SVG."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.stats.timeline import PAUSE_MS
from meetings.media.packets import DRAWN_GAP_MS
from meetings.media.spans import Span, joined, length, without
from meetings.models import Meeting, Participant, Track
from transcription.models import Utterance

WIDTH = 1000  # units of the drawing: what is nearer together is one bar
STRIP = (160, 16)  # units of the drawing in a row of the list, a pixel each
STRIP_LANES = 6  # one is 2 pixels high at least, and 1 apart


@dataclass(frozen=True)
class Lane:
    """One person's lane; ``speech`` and ``gaps`` are paths in a box of WIDTH x 1."""

    person: Participant
    speech: str
    gaps: str
    speech_ms: int
    share: int  # percent of what all people spoke
    has_sound: bool
    has_tab: bool  # what was played on the screen they shared


def lanes_of(meeting: Meeting, duration_ms: int, stems: Iterable[str]) -> list[Lane]:
    """A lane per person of ``meeting``; ``stems`` are ids of people one can hear alone.

    However long the call, a lane has at most WIDTH / 2 bars.
    """
    speech, gaps, heard = _speech(meeting), gaps_of(meeting), set(stems)
    # as the statistics have it, so that a page has one figure for one thing
    spoken = {id: length(joined(spans, PAUSE_MS)) for id, spans in speech.items()}
    total = sum(spoken.values()) or 1
    return [
        Lane(
            person,
            path(bars(speech[person.pk], duration_ms)),
            path(bars(gaps[person.pk], duration_ms)),
            spoken.get(person.pk, 0),
            round(100 * spoken.get(person.pk, 0) / total),
            str(person.pk) in heard,
            f"{person.pk}/tab" in heard,
        )
        for person in _people(meeting, speech)
    ]


def _people(meeting: Meeting, speech: dict[int, list[Span]]) -> list[Participant]:
    """Everybody, and a track that several share where words stand under it alone."""
    people = meeting.people
    known = {person.pk for person in people}
    others = [p for p in meeting.participants.all() if p.pk not in known]
    return [*people, *(p for p in others if speech[p.pk])]


def _speech(meeting: Meeting) -> dict[int, list[Span]]:
    """Where each person's voice was heard; of older lines, all of the line."""
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Utterance.objects.filter(meeting=meeting)
    columns = ("participant_id", "voice", "start_ms", "end_ms")
    for person, voice, start, end in rows.values_list(*columns):
        spans[person] += [(a, b) for a, b in voice] or [(start, end)]
    return spans


def gaps_of(meeting: Meeting) -> dict[int, list[Span]]:
    """Silence that stands for sound that never arrived, not even afterwards."""
    gaps: dict[int, list[Span]] = defaultdict(list)
    late: dict[int, list[Span]] = defaultdict(list)
    rows = Track.objects.filter(participant__meeting=meeting)
    for track in (row for row in rows if row.is_speech):
        gaps[track.participant_id] += [(start, end) for start, end in track.gaps]
        if track.handed_in and track.state in Track.READABLE:
            late[track.participant_id].append((track.offset_ms, track.end_ms))
    for person, spans in late.items():
        left = without(gaps[person], spans)
        gaps[person] = [(a, b) for a, b in left if b - a >= DRAWN_GAP_MS]
    return gaps


def strip_of(meeting: Meeting) -> list[tuple[int, str]]:
    """(colour, path) of a lane per person who spoke, in a box of STRIP.

    More than STRIP_LANES people do not fit: those who said most are drawn.
    """
    speech = _speech(meeting)
    ends = [end for spans in speech.values() for _, end in spans]
    duration_ms = max([meeting.duration_ms, *ends])
    people = [person for person in meeting.people if speech[person.pk]]
    loudest = sorted(people, key=lambda person: -length(speech[person.pk]))
    drawn = [person for person in people if person in loudest[:STRIP_LANES]]
    width, height = STRIP
    step = height / max(2, len(drawn))
    return [
        (
            person.colour,
            path(bars(speech[person.pk], duration_ms, width), n * step, step - 1),
        )
        for n, person in enumerate(drawn)
    ]


def bars(spans: Iterable[Span], duration_ms: int, width: int = WIDTH) -> list[Span]:
    """``spans`` in drawing units, inside the call, joined where they touch."""
    scale = width / max(1, duration_ms)
    lefts = ((min(int(start * scale), width - 1), end) for start, end in spans)
    return joined(
        (left, max(left + 1, min(round(end * scale), width))) for left, end in lefts
    )


def path(spans: Iterable[Span], top: float = 0, height: float = 1) -> str:
    return "".join(
        f"M{left} {top:g}h{right - left}v{height:g}h{left - right}z"
        for left, right in spans
    )
