"""Speaker lanes: when each person spoke, as coordinates of an SVG."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meetings.models import Meeting, Participant, Track
from transcription.models import Utterance

WIDTH = 1000  # units of the drawing: what is nearer together is one bar
STRIP = (160, 16)  # units of the drawing in a row of the list, a pixel each
STRIP_LANES = 6  # one is 2 pixels high at least, and 1 apart

Span = tuple[int, int]  # start, end in ms


@dataclass(frozen=True)
class Lane:
    """One person's lane; ``speech`` and ``gaps`` are paths in a box of WIDTH x 1."""

    person: Participant
    speech: str
    gaps: str
    speech_ms: int
    share: int  # percent of what all people spoke
    has_sound: bool


def lanes_of(meeting: Meeting, duration_ms: int, stems: Iterable[str]) -> list[Lane]:
    """A lane per person of ``meeting``; ``stems`` are ids of people one can hear alone.

    However long the call, a lane has at most WIDTH / 2 bars.
    """
    speech, gaps, heard = _speech(meeting), _gaps(meeting), set(stems)
    total = sum(length(spans) for spans in speech.values()) or 1
    return [
        Lane(
            person,
            path(bars(speech[person.pk], duration_ms)),
            path(bars(gaps[person.pk], duration_ms)),
            length(speech[person.pk]),
            round(100 * length(speech[person.pk]) / total),
            str(person.pk) in heard,
        )
        for person in meeting.people
    ]


def _speech(meeting: Meeting) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Utterance.objects.filter(meeting=meeting)
    for person, start, end in rows.values_list("participant_id", "start_ms", "end_ms"):
        spans[person].append((start, end))
    return spans


def _gaps(meeting: Meeting) -> dict[int, list[Span]]:
    """Silence that stands for sound that never arrived."""
    spans: dict[int, list[Span]] = defaultdict(list)
    rows = Track.objects.filter(participant__meeting=meeting)
    for person, gaps in rows.values_list("participant_id", "gaps"):
        spans[person] += [(start, end) for start, end in gaps]
    return spans


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


def length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def bars(spans: Iterable[Span], duration_ms: int, width: int = WIDTH) -> list[Span]:
    """``spans`` in drawing units, inside the call, joined where they touch."""
    scale = width / max(1, duration_ms)
    joined: list[Span] = []
    for start, end in sorted(spans):
        left = min(int(start * scale), width - 1)
        right = max(left + 1, min(round(end * scale), width))
        if joined and left <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(right, joined[-1][1])
        else:
            joined.append((left, right))
    return joined


def path(spans: Iterable[Span], top: float = 0, height: float = 1) -> str:
    return "".join(
        f"M{left} {top:g}h{right - left}v{height:g}h{left - right}z"
        for left, right in spans
    )
