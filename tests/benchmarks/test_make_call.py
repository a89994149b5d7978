import numpy as np
import pytest

from benchmarks import make_call
from benchmarks.make_call import (
    RATE,
    Line,
    Utterance,
    Voice,
    perform,
    read_script,
    room_tone,
    track,
)
from benchmarks.speech import SAMPLE_RATE, Sound, Word, resample

SCRIPT = """
# two people
anna = gmw/en-US+f4, 165, 55
ben = natural/jm_kumo, 106
anna: The price is: five euros.
+ben: Yes.
"""


def test_it_reads_voices_and_lines() -> None:
    voices, lines = read_script(SCRIPT)
    assert voices == {
        "anna": Voice("gmw/en-US+f4", (165, 55)),
        "ben": Voice("natural/jm_kumo", (106,)),
    }
    assert lines == [
        Line("anna", "The price is: five euros.", over=False),
        Line("ben", "Yes.", over=True),
    ]


def test_it_keeps_a_person_silent_while_others_speak() -> None:
    sound = np.ones(RATE, np.float32)
    said = [
        Utterance(Line("anna", "Yes.", False), 0.0, sound, [Word("Yes", 0.0, 1.0)]),
        Utterance(Line("ben", "No.", False), 2.0, sound, [Word("No", 0.0, 1.0)]),
    ]
    heard = track(said, "ben", 4 * RATE)
    assert np.flatnonzero(heard)[[0, -1]].tolist() == [2 * RATE, 3 * RATE - 1]


def test_it_places_words_on_the_clock_of_the_call() -> None:
    line, sound = Line("ben", "I see.", over=False), np.zeros(RATE, np.float32)
    words = [Word("I", 0.0, 0.25), Word("see", 0.25, 0.9)]
    described = Utterance(line, 2.0, sound, words).as_json()
    assert described["words"] == [["I", 2.0, 2.25], ["see", 2.25, 2.9]]
    assert described["end"] == 2.9


def test_it_speaks_lines_after_and_over_one_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def speak(self: Voice, text: str) -> tuple[Sound, list[Word]]:
        return np.full(RATE, 0.01, np.float32), [Word(text, 0.0, 1.0)]

    monkeypatch.setattr(make_call.Voice, "speak", speak)
    voices = {"anna": Voice("a", ()), "ben": Voice("b", ())}
    lines = [
        Line("anna", "One.", over=False),
        Line("anna", "Two.", over=False),
        Line("ben", "Three.", over=True),
    ]
    first, second, third = perform(voices, lines, seed=1)
    assert 0.2 < second.start - first.end < 0.7
    assert third.start == pytest.approx(second.start + 0.3)
    assert float(np.max(second.sound)) == pytest.approx(0.1)  # -20 dBFS
    assert perform(voices, lines, seed=1)[1].start == second.start


def test_it_makes_the_same_room_each_time_and_another_for_everybody() -> None:
    tone = room_tone(-60.0, RATE, seed=1)
    assert float(np.std(tone)) == pytest.approx(0.001)
    assert np.array_equal(tone, room_tone(-60.0, RATE, seed=1))
    assert not np.array_equal(tone, room_tone(-60.0, RATE, seed=2))


def test_it_resamples_without_changing_pitch_or_loudness() -> None:
    moments = np.arange(22_050) / 22_050
    tone = np.sin(2 * np.pi * 440 * moments).astype(np.float32)
    heard = resample(tone, 22_050)
    assert len(heard) == SAMPLE_RATE
    assert np.argmax(np.abs(np.fft.rfft(heard))) == 440
    assert abs(float(np.sqrt(np.mean(heard**2))) - 0.7071) < 0.001
