"""What stands beside a figure on a call's page: second figures, who over whom."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dashboard.stats.compute import CallFigures
from dashboard.stats.figure import Heard, Moment
from dashboard.stats.interruptions import Between, matrix
from dashboard.stats.written import written


class Beside(NamedTuple):
    """A second figure under the tile of the first one."""

    name: str
    label: str
    measured: str
    unit: str = ""
    digits: int = 0


BESIDE: Mapping[str, tuple[Beside, ...]] = {
    "talk_ratio": (
        Beside(
            "talk_of_recorded",
            "Of the recorded time",
            "Our speech of the whole call, silence included.",
            "%",
        ),
    ),
    "longest_monologue_s": (
        Beside(
            "longest_monologue_together_s",
            "Of our side together",
            "Turns of colleagues that follow each other within 2 s are one.",
            "s",
        ),
    ),
    "longest_story_s": (
        Beside(
            "longest_story_together_s",
            "Of their side together",
            "Turns of the customer's people that follow each other within 2 s are one.",
            "s",
        ),
    ),
    "interactivity": (
        Beside(
            "switches_per_5min",
            "Changes of side",
            "In 5 minutes, without silences of 5 s and longer.",
            digits=1,
        ),
    ),
    "patience_s": (
        Beside(
            "patience_median_s",
            "Median",
            "Half of our replies came sooner.",
            "s",
            2,
        ),
        Beside(
            "patience_as_it_came_s",
            "As it came in",
            "Without the time that the line of the one who replies takes.",
            "s",
            2,
        ),
        Beside(
            "overlapping_starts",
            "Begun too early",
            "Replies that began 0.3 s or more before the customer's end.",
        ),
    ),
    "questions_per_hour": (
        Beside("questions_us", "In this call", "All our questions."),
    ),
    "crosstalk": (
        Beside(
            "backchannels",
            "Backchannels",
            "“Mm-hm” while another goes on: no crosstalk, and no interruption.",
        ),
    ),
}


class ShownBeside(NamedTuple):
    label: str
    value: str  # empty: ``reason`` says why
    reason: str
    measured: str
    moment: Moment | None  # the first one


class ShownInterruptions(NamedTuple):
    """Who began in whose speech, and what came of it."""

    who: str
    whom: str
    between: Between
    an_hour: str  # times the floor was taken

    @property
    def overlap(self) -> str:
        return f"{self.between.overlap_ms / 1000:.1f} s"


def beside(tile: str, figures: CallFigures) -> Iterator[ShownBeside]:
    for second in BESIDE.get(tile, ()):
        found = figures.call[second.name]
        value = (
            ""
            if found.value is None
            else written(found.value, second.unit, second.digits)
        )
        first = next(iter(found.evidence), None)
        yield ShownBeside(second.label, value, found.reason, second.measured, first)


def pairs(heard: Heard) -> list[ShownInterruptions]:
    """The most frequent first."""
    names = {speaker.id: speaker.name for speaker in heard.timeline.speakers}
    hours = heard.timeline.recorded_ms / 3_600_000
    found = sorted(matrix(heard).items(), key=lambda item: (-item[1].took, item[0]))
    return [
        ShownInterruptions(
            names[who],
            names[whom],
            between,
            f"{between.took / hours:.1f}" if hours else "",
        )
        for (who, whom), between in found
    ]
