"""All figures of a call in one walk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.stats.delivery import fillers, our_fillers, our_pace, pace
from dashboard.stats.figure import Figure, Heard
from dashboard.stats.interactivity import interactivity, switches
from dashboard.stats.interruptions import interruptions
from dashboard.stats.monologue import (
    longest_monologue,
    longest_of_side,
    longest_story,
)
from dashboard.stats.overlaps import (
    backchannels,
    backchannels_per_minute,
    crosstalk,
    lapses,
    silence,
)
from dashboard.stats.patience import (
    median_patience,
    overlapping_starts,
    patience,
    patience_as_it_came,
)
from dashboard.stats.quality import doubts
from dashboard.stats.questions import question_rate, questions
from dashboard.stats.talk_ratio import of_recorded, share, talk_ratio
from dashboard.stats.timeline import CallTimeline, Speaker, prepared
from dashboard.stats.turns import turns_of
from meetings.media.spans import length

FIGURES: Mapping[str, Callable[[Heard], Figure]] = {
    "talk_ratio": talk_ratio,
    "talk_of_recorded": of_recorded,
    "longest_monologue_s": longest_monologue,
    "longest_monologue_together_s": lambda heard: longest_of_side(heard, "us"),
    "longest_story_s": longest_story,
    "longest_story_together_s": lambda heard: longest_of_side(heard, "them"),
    "interactivity": interactivity,
    "switches_per_5min": switches,
    "patience_s": patience,
    "patience_median_s": median_patience,
    "patience_as_it_came_s": patience_as_it_came,
    "overlapping_starts": overlapping_starts,
    "questions_us": lambda heard: questions(heard, "us"),
    "questions_them": lambda heard: questions(heard, "them"),
    "questions_per_hour": question_rate,
    "interruptions": interruptions,
    "backchannels": backchannels,
    "crosstalk": crosstalk,
    "silence": silence,
    "pace_wpm": our_pace,
    "fillers": our_fillers,
}


@dataclass(frozen=True)
class CallFigures:
    """Figures of the call by name, and of each person by id."""

    call: Mapping[str, Figure]
    people: Mapping[int, Mapping[str, Figure]]


def heard_in(timeline: CallTimeline) -> Heard:
    ready = prepared(timeline)
    return Heard(ready, tuple(turns_of(ready)), tuple(lapses(ready)))


def figures(timeline: CallTimeline) -> CallFigures:
    """Every figure of a call; pure, and the same whatever the order of the input."""
    return figures_of(heard_in(timeline))


def figures_of(heard: Heard) -> CallFigures:
    doubted = doubts(heard.timeline)
    call = {
        name: Figure(reason=doubted[name]) if name in doubted else compute(heard)
        for name, compute in FIGURES.items()
    }
    people = {
        speaker.id: _of_person(speaker, heard) for speaker in heard.timeline.speakers
    }
    return CallFigures(call, people)


def _of_person(speaker: Speaker, heard: Heard) -> dict[str, Figure]:
    return {
        "talk": share(speaker, heard),
        "talk_s": Figure(length(speaker.speech) / 1000),
        "pace_wpm": pace(speaker, heard.timeline.rules),
        "fillers": fillers(speaker),
        "backchannels_per_min": backchannels_per_minute(speaker, heard),
    }
