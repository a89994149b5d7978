"""The figures of a call whose every word has a known time, against a prototype's."""

import json
from typing import Any

import pytest

from dashboard.stats.compute import CallFigures, figures, heard_in
from dashboard.stats.patience import passages
from dashboard.stats.timeline import CallTimeline, Sentence, Speaker, TimedWord
from meetings.media.spans import joined
from tests.services import ROOT

PAUSE_MS = 150


@pytest.fixture(scope="module")
def timeline() -> CallTimeline:
    told = json.loads((ROOT / "tests" / "espeak_call" / "call.json").read_text())
    names = sorted({line["speaker"] for line in told["utterances"]})
    speakers = [
        _speaker(n, name, [u for u in told["utterances"] if u["speaker"] == name])
        for n, name in enumerate(names)
    ]
    return CallTimeline(speakers, 114_970)


def _speaker(pk: int, name: str, lines: list[dict[str, Any]]) -> Speaker:
    words = [
        TimedWord(text, round(start * 1000), round(end * 1000))
        for line in lines
        for text, start, end in line["words"]
    ]
    return Speaker(
        pk,
        name,
        "us" if name == "anna" else "them",
        speech=joined([(word.start_ms, word.end_ms) for word in words], PAUSE_MS),
        words=words,
        sentences=[
            Sentence(u["text"], round(u["start"] * 1000), round(u["end"] * 1000), "en")
            for u in lines
        ],
        language="en",
    )


@pytest.fixture(scope="module")
def found(timeline: CallTimeline) -> CallFigures:
    return figures(timeline)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("talk_ratio", 51.7, 0.05),
        ("switches_per_5min", 62.6, 0.05),
        ("interactivity", 10.0, 0.0),
        ("patience_s", 0.761, 0.001),
        ("overlapping_starts", 0, 0.0),
        ("longest_monologue_s", 12.56, 0.01),
        ("longest_story_s", 6.11, 0.01),
        ("backchannels", 1, 0.0),
    ],
)
def test_it_agrees(found: CallFigures, name: str, value: float, error: float) -> None:
    assert found.call[name].value == pytest.approx(value, abs=error + 1e-9)


@pytest.mark.parametrize(
    ("name", "start_ms"),
    [
        ("longest_monologue_s", 60_639),
        ("longest_story_s", 32_413),
        ("backchannels", 71_163),
    ],
)
def test_it_plays_the_evidence(found: CallFigures, name: str, start_ms: int) -> None:
    assert found.call[name].evidence[0].start_ms == start_ms


def test_it_waits_between_replies(timeline: CallTimeline) -> None:
    waits = [passage.wait_ms for passage in passages(heard_in(timeline))]
    assert (len(waits), min(waits), max(waits)) == (13, 708, 821)
