"""What becomes of looks that overtake each other."""

from queue import SimpleQueue

import numpy as np
import pytest

from transcription.speech.audio.endpoint import EndpointRules as Endpoint
from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine import work
from transcription.speech.engine.captions import Caption, Word
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.engine.open_utterance import OpenUtterance, Settled
from transcription.speech.engine.streams import Stream, WorkBoard
from transcription.speech.engine.work import LiveJob
from transcription.speech.filters import Rules
from transcription.speech.model.windows import Decoded

SECONDS = 10
LINE = Decoded("one two", "en", 0.9, 0.0, (Word("one", 1, 2, 1), Word("two", 8, 9, 1)))
SETTLED = Settled(2 * SAMPLE_RATE, Decoded("one", "en", 0.9, 0.0, LINE.words[:1]), 2, 1)


@pytest.fixture
def said() -> list[Caption]:
    return []


@pytest.fixture
def stream(said: list[Caption]) -> Stream:
    """Somebody who spoke for ten seconds and now pauses."""
    stream = Stream(
        SimpleQueue(),
        WorkBoard(),
        said.append,
        LanguageDetector("en"),
        "anna",
        Endpoint(),
    )
    noise = np.random.default_rng(1).normal(0, 0.1, SECONDS * SAMPLE_RATE)
    chances = np.ones(len(noise) // 512)
    chances[-5:] = 0
    stream.track.take(noise.astype(np.float32), chances.astype(np.float32), 0.0)
    return stream


def talk_of(stream: Stream) -> OpenUtterance:
    assert stream.track.utterance
    return stream.track.utterance


def draft(stream: Stream, whole: float = 0.0) -> LiveJob:
    job = work.partial(stream, 0.1, Rules, whole=whole)
    assert job
    assert job.draft
    job.claim()
    return job


def test_a_draft_holds_when_the_window_slid_meanwhile(
    stream: Stream, said: list[Caption]
) -> None:
    """It heard the whole line: nobody needs to decode that again."""
    job = draft(stream)
    talk_of(stream).settled = SETTLED
    job.deliver(LINE)
    assert said[-1].text == "one two"
    assert talk_of(stream).ready_draft()
    assert talk_of(stream).settled is SETTLED


def test_a_look_at_what_was_cut_meanwhile_is_left_out(
    stream: Stream, said: list[Caption]
) -> None:
    job = draft(stream)
    stream.track.cut(talk_of(stream), 5 * SAMPLE_RATE)
    job.deliver(LINE)
    assert said == []


@pytest.mark.parametrize(("whole", "start"), [(0.0, 2.0), (SECONDS + 1.0, 0.0)])
def test_a_line_is_decoded_whole_at_its_end_where_that_is_quick(
    stream: Stream, whole: float, start: float
) -> None:
    talk_of(stream).settled = SETTLED
    assert draft(stream, whole).base == start * SAMPLE_RATE
