"""People who talk all the time, and what is read from several runs."""

from time import sleep

import numpy as np
import pytest

from benchmarks.call import (
    FIXTURE_CALL,
    RATE,
    SHORT,
    Person,
    Spoken,
    active,
    read_call,
)
from benchmarks.captions import Importing, most_streams
from benchmarks.figures import Figures, measure
from benchmarks.fixture_model import FIXTURE_MODEL
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine

WORDS = (Spoken("one", 2.0, 2.5), Spoken("two", 2.7, 3.0), Spoken("three", 9.0, 9.5))


def marked() -> Person:
    """10 s of silence in which every word is a stretch of ones."""
    samples = np.zeros(10 * RATE, np.int16)
    for word in WORDS:
        samples[round(word.start * RATE) : round(word.end * RATE)] = 1
    return Person("ann", samples, WORDS)


def test_it_cuts_silences_and_keeps_the_words_on_their_sound() -> None:
    busy = active(marked(), 20.0)
    assert len(busy.samples) == 20 * RATE
    for word in busy.words:
        spoken = busy.samples[round(word.start * RATE) : round(word.end * RATE)]
        assert spoken.all()
    gaps = [b.start - a.end for a, b in zip(busy.words, busy.words[1:], strict=False)]
    assert max(gaps) == pytest.approx(SHORT)
    assert [word.text for word in busy.words[:4]] == ["one", "two", "three", "one"]


def test_a_final_is_as_late_as_its_last_word_was_said() -> None:
    """Also when that word was heard wrong."""
    said = [Spoken("one", 2.0, 2.5), Spoken("two", 2.7, 3.0), Spoken("nine", 8.0, 9.0)]
    final = Caption("u", 1, 1.9, 3.1, "one too", "", True)
    figures = Figures()
    measure(figures, said, [(3.5, final)], 0.0)
    assert figures.fin == [pytest.approx(0.5)]


def test_it_names_the_most_streams_in_time() -> None:
    late = {1: 200.0, 2: 290.0, 4: 400.0, 8: float("nan")}
    reports = [{"streams": n, "fd_p95_ms": ms} for n, ms in late.items()]
    assert most_streams(reports, 300) == 2
    assert most_streams(reports, 650) == 4
    assert most_streams(reports, 100) == 0


def test_it_transcribes_recordings_until_the_run_is_over() -> None:
    engine = Engine(FIXTURE_MODEL, device="cpu", cpu_threads=1)
    engine.start()
    with Importing(engine, read_call(FIXTURE_CALL)) as importing:
        while engine.stats().recorded_audio == 0:
            sleep(0.01)
    spoken = engine.stats().recorded_audio
    assert importing.speed > 0
    with Importing(engine, []) as nothing:
        pass
    assert nothing.speed == 0
    assert engine.stats().recorded_audio == spoken
    engine.stop()
