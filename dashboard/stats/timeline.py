"""What the figures are computed from: who spoke when, and which words."""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

from dashboard.stats.definitions import DEFAULT, Definitions
from meetings.media.spans import Span, joined, length, touches, without

PAUSE_MS = 150  # of the voice, or between words: shorter ones are none
NEAR_MS = 30_000  # samples of a line this near tell how long it is

Side = Literal["us", "them", ""]  # empty: nobody said


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as it was said; of a language without spaces, a character."""

    text: str
    start_ms: int
    end_ms: int

    @property
    def middle(self) -> float:
        return (self.start_ms + self.end_ms) / 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of one person, with its punctuation."""

    text: str
    start_ms: int
    end_ms: int
    language: str = ""


@dataclass(frozen=True)
class Speaker:
    """One person of a call. ``speech``: voice on that person's own track, with
    unpadded edges. ``gaps``: sound that did not arrive, or was not recorded."""

    id: int
    name: str
    side: Side
    speech: Sequence[Span] = ()
    words: Sequence[TimedWord] = ()
    sentences: Sequence[Sentence] = ()
    gaps: Sequence[Span] = ()
    recorded_ms: int = 0
    language: str = ""
    fillers: Sequence[str] = ()  # phrases of that language; none: it has no list
    backchannels: Sequence[str] = ()  # the only ones that are any; none: all are
    round_trips: Sequence[Span] = ()  # (at, ms) by time; none: not measured

    @property
    def round_trip_ms(self) -> float | None:
        """Median of the call; None: not measured, as of an import."""
        return median(ms for _, ms in self.round_trips) if self.round_trips else None

    def heard_late_ms(self, at: int) -> float:
        """How much later than it was meant this person's voice reaches the server at a
        time: they have heard the others a round trip before. The median of samples
        near it, else of the call; 0 where nobody measured any."""
        first = bisect_left(self.round_trips, (at - NEAR_MS, 0))
        last = bisect_right(self.round_trips, (at + NEAR_MS, sys.maxsize))
        near = self.round_trips[first:last]
        return median(ms for _, ms in near) if near else self.round_trip_ms or 0.0

    @property
    def loss(self) -> float:
        """Share of the sound that did not arrive."""
        return length(self.gaps) / self.recorded_ms if self.recorded_ms else 0.0


@dataclass(frozen=True)
class CallTimeline:
    """A call: its people by id, and its length without pauses of the recording."""

    speakers: Sequence[Speaker]
    recorded_ms: int
    mixed: bool = False  # several voices on one track
    rules: Definitions = field(default=DEFAULT)

    def of(self, side: Side) -> list[Speaker]:
        return [speaker for speaker in self.speakers if speaker.side == side]


def prepared(timeline: CallTimeline) -> CallTimeline:
    """With the speech that counts, and people in the order of their ids."""
    counted = [_counted(speaker, timeline.rules) for speaker in timeline.speakers]
    counted.sort(key=lambda speaker: speaker.id)
    return replace(timeline, speakers=tuple(counted))


def _counted(speaker: Speaker, rules: Definitions) -> Speaker:
    gaps = joined(speaker.gaps)
    words = sorted(speaker.words, key=lambda word: (word.start_ms, word.end_ms))
    said = joined((word.start_ms, word.end_ms) for word in words)
    spans = [s for s in without(speaker.speech, gaps) if _counts(s, said, rules)]
    return replace(
        speaker,
        speech=tuple(spans),
        words=tuple(words),
        sentences=tuple(sorted(speaker.sentences, key=lambda line: line.end_ms)),
        gaps=tuple(gaps),
    )


def _counts(span: Span, said: Sequence[Span], rules: Definitions) -> bool:
    """Whether a span is speech; ``said``: where there are words."""
    start, end = span
    if end - start < rules.wordless:
        return end - start >= rules.min_speech
    return touches(said, start + 1, end - 1)
