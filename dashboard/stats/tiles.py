"""The figures as a call's page shows them: a value, an aim, how it was measured."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from dashboard.call.transcript import anchor_of
from dashboard.stats.beside import ShownBeside, beside
from dashboard.stats.compute import CallFigures
from dashboard.stats.figure import Figure, Moment
from dashboard.stats.team import TeamMedian
from dashboard.stats.timeline import CallTimeline, Speaker
from dashboard.stats.written import written
from meetings.times import clock

MIXED = "± 0.25 s: all voices are on one track."
MOMENTS = 30  # of one figure that are listed


@dataclass(frozen=True)
class Tile:
    """One figure of a call; ``low`` and ``high`` are its aim, where it has one."""

    name: str
    label: str
    unit: str
    measured: str
    low: float | None = None
    high: float | None = None
    digits: int = 0

    def text(self, value: float) -> str:
        return written(value, self.unit, self.digits)

    @property
    def aim(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.text_of(self.high)}"
        if self.low is not None:
            return f"at least {self.text_of(self.low)}"
        return f"at most {self.text_of(self.high)}" if self.high is not None else ""

    def text_of(self, bound: float) -> str:
        return f"{bound:g} {self.unit}".strip()

    def verdict(self, value: float) -> str:
        """Where the value, as it is written, lies; nothing without an aim."""
        seen = round(value, self.digits)
        if self.low is not None and seen < self.low:
            return "below"
        if self.high is not None and seen > self.high:
            return "above"
        return "within" if self.aim else ""


TILES = (
    Tile(
        "talk_ratio",
        "Talk ratio",
        "%",
        "Our speech of everybody's. Where two speak at once, both count.",
        high=65,
    ),
    Tile(
        "longest_monologue_s",
        "Longest monologue",
        "s",
        "One of us, pauses under 2 s included, until somebody else says three words.",
        high=150,
    ),
    Tile(
        "longest_story_s",
        "Longest customer story",
        "s",
        "One of the customer, pauses under 2 s included.",
        low=60,
        high=120,
    ),
    Tile(
        "interactivity",
        "Interactivity",
        "of 10",
        "How often the floor goes from side to side: 30 times in 5 minutes are 10.",
        low=5,
        digits=1,
    ),
    Tile(
        "patience_s",
        "Patience",
        "s",
        "Mean time from the customer's last word, as we heard it, to ours, of replies "
        "within 5 s.",
        low=0.6,
        high=1.0,
        digits=2,
    ),
    Tile(
        "questions_per_hour",
        "Our questions",
        "an hour",
        "Sentences of three words or more that ask something.",
        low=18,
    ),
    Tile(
        "questions_them",
        "Their questions",
        "",
        "Sentences of three words or more that ask something, of the customer.",
    ),
    Tile(
        "interruptions",
        "Interruptions",
        "",
        "Somebody began while another had spoken for 1 s, and had the floor in 3 s.",
    ),
    Tile(
        "crosstalk",
        "Crosstalk",
        "%",
        "Time in which two or more speak for 0.3 s or longer, of the recorded time.",
        digits=1,
    ),
    Tile(
        "silence",
        "Silence",
        "%",
        "Time in which nobody speaks, of the recorded time. Listed: 5 s and longer.",
    ),
)
BY_NAME: Mapping[str, Tile] = {tile.name: tile for tile in TILES}


class ShownMoment(NamedTuple):
    anchor: str
    at: str
    name: str
    note: str


@dataclass(frozen=True)
class ShownFigure:
    tile: Tile
    value: str  # empty: ``reason`` says why
    verdict: str
    reason: str
    moments: Sequence[ShownMoment]
    beside: Sequence[tuple[ShownBeside, ShownMoment | None]]
    note: str  # how far the value may be trusted
    team: str  # what is usual there; empty: too few calls say it
    team_calls: int


class ShownPerson(NamedTuple):
    speaker: Speaker
    share: str
    pace: str
    fillers: str


def tiles_with(
    aims: Mapping[str, tuple[float | None, float | None]], hidden: set[str]
) -> list[Tile]:
    """The tiles that are shown, with the aims that a site has set."""
    shown = (tile for tile in TILES if tile.name not in hidden)
    return [
        replace(tile, low=aims[tile.name][0], high=aims[tile.name][1])
        if tile.name in aims
        else tile
        for tile in shown
    ]


def shown_figures(
    tiles: Sequence[Tile],
    figures: CallFigures,
    timeline: CallTimeline,
    usual: Mapping[str, TeamMedian] = MappingProxyType({}),
) -> Iterator[ShownFigure]:
    names = {speaker.id: speaker.name for speaker in timeline.speakers}
    for tile in tiles:
        figure = figures.call[tile.name]
        team = usual.get(tile.name)
        yield ShownFigure(
            tile,
            "" if figure.value is None else tile.text(figure.value),
            "" if figure.value is None else tile.verdict(figure.value),
            figure.reason,
            [_shown(moment, names) for moment in figure.evidence[:MOMENTS]],
            [
                (second, _shown(second.moment, names) if second.moment else None)
                for second in beside(tile.name, figures)
            ],
            MIXED if timeline.mixed and tile.name == "patience_s" else "",
            tile.text(team.value) if team else "",
            team.calls if team else 0,
        )


def shown_people(figures: CallFigures, timeline: CallTimeline) -> Iterator[ShownPerson]:
    for speaker in sorted(timeline.speakers, key=lambda speaker: speaker.id):
        of = figures.people[speaker.id]
        yield ShownPerson(
            speaker,
            _text(of["talk"], "{:.0f} %"),
            _text(of["pace_wpm"], "{:.0f}"),
            _text(of["fillers"], "{:.1f} %"),
        )


def _text(figure: Figure, written: str) -> str:
    return "" if figure.value is None else written.format(figure.value)


def _shown(moment: Moment, names: Mapping[int, str]) -> ShownMoment:
    at = clock(moment.start_ms)
    name = names.get(moment.speaker, "")
    return ShownMoment(anchor_of(moment.start_ms), at, name, moment.note)
