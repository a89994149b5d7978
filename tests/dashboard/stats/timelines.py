"""Timelines made by hand: who speaks when, and in how many words."""

from collections.abc import Sequence
from typing import Any

from dashboard.stats.compute import heard_in
from dashboard.stats.figure import Heard
from dashboard.stats.timeline import CallTimeline, Sentence, Side, Speaker, TimedWord
from transcription.tuning.listening import FILLERS

Said = tuple[int, int, str]  # start, end in ms, the words


def speaker(pk: int, side: Side, *said: Said, **more: Any) -> Speaker:
    """One who speaks in unbroken spans, the words of each evenly spread over it."""
    return Speaker(
        id=pk,
        name=more.pop("name", f"person {pk}"),
        side=side,
        speech=[(start, end) for start, end, _ in said],
        words=[word for span in said for word in _words(*span)],
        sentences=[Sentence(text, a, b, "en") for a, b, text in said],
        language="en",
        fillers=FILLERS["en"],
        **more,
    )


def call(*speakers: Speaker, recorded_ms: int = 60_000, **more: Any) -> CallTimeline:
    return CallTimeline(speakers, recorded_ms, **more)


def heard(*speakers: Speaker, recorded_ms: int = 60_000) -> Heard:
    return heard_in(call(*speakers, recorded_ms=recorded_ms))


def _words(start: int, end: int, text: str) -> Sequence[TimedWord]:
    words = text.split()
    step = (end - start) / max(1, len(words))
    times = [round(start + n * step) for n in range(len(words) + 1)]
    return [
        TimedWord(w, a, b) for w, a, b in zip(words, times, times[1:], strict=False)
    ]
