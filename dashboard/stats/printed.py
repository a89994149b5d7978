"""Figures as numbers for programs: rounded, by the names of the API."""

from collections.abc import Mapping
from typing import Any

from dashboard.stats.compute import CallFigures
from dashboard.stats.figure import Figure
from dashboard.stats.timeline import CallTimeline

DIGITS = {
    "patience_s": 3,
    "patience_median_s": 3,
    "patience_as_it_came_s": 3,
    "longest_monologue_s": 2,
}
DIGITS |= {"longest_story_s": 2, "fillers": 2, "backchannels_per_min": 2}
DIGITS |= {"longest_monologue_together_s": 2, "longest_story_together_s": 2}
COUNTS = ("overlapping_starts", "questions_us", "questions_them", "interruptions")
DIGITS |= dict.fromkeys((*COUNTS, "backchannels"), 0)


def as_json(figures: CallFigures, timeline: CallTimeline) -> dict[str, Any]:
    """{name: value, "people": {name: {...}}, "reasons": {name: why there is none}}."""
    names = _names(timeline)
    return {
        **_values(figures.call),
        "people": {names[pk]: _values(of) for pk, of in figures.people.items()},
        "reasons": {name: f.reason for name, f in figures.call.items() if f.reason},
    }


def _values(figures: Mapping[str, Figure]) -> dict[str, float | int | None]:
    return {name: _rounded(name, figure.value) for name, figure in figures.items()}


def _rounded(name: str, value: float | None) -> float | int | None:
    if value is None:
        return None
    digits = DIGITS.get(name, 1)
    return round(value, digits) if digits else round(value)


def _names(timeline: CallTimeline) -> dict[int, str]:
    """A name for each person; who has another's is "Ann (2)"."""
    names: dict[int, str] = {}
    for speaker in sorted(timeline.speakers, key=lambda speaker: speaker.id):
        name, n = speaker.name, 1
        while name in names.values():
            n += 1
            name = f"{speaker.name} ({n})"
        names[speaker.id] = name
    return names
