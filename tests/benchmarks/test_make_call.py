import numpy as np

from benchmarks.make_call import Line, Utterance, Voice, read_script, track
from benchmarks.speech import SAMPLE_RATE, Word, resample

SCRIPT = """
# two people
anna = gmw/en-US+f4, 165, 55
ben = gmw/en+m4, 160, 45
anna: The price is: five euros.
+ben: Yes.
"""


def test_it_reads_voices_and_lines() -> None:
    voices, lines = read_script(SCRIPT)
    assert voices == {
        "anna": Voice("gmw/en-US+f4", 165, 55),
        "ben": Voice("gmw/en+m4", 160, 45),
    }
    assert lines == [
        Line("anna", "The price is: five euros.", over=False),
        Line("ben", "Yes.", over=True),
    ]


def test_it_keeps_a_person_silent_while_others_speak() -> None:
    sound = np.ones(SAMPLE_RATE, np.float32)
    said = [
        Utterance(Line("anna", "Yes.", False), 0.0, sound, [Word("Yes", 0.0, 1.0)]),
        Utterance(Line("ben", "No.", False), 2.0, sound, [Word("No", 0.0, 1.0)]),
    ]
    heard = track(said, "ben", 4 * SAMPLE_RATE)
    assert np.flatnonzero(heard)[[0, -1]].tolist() == [32_000, 47_999]


def test_it_places_words_on_the_clock_of_the_call() -> None:
    line, sound = Line("ben", "I see.", over=False), np.zeros(16_000, np.float32)
    words = [Word("I", 0.0, 0.25), Word("see", 0.25, 0.9)]
    described = Utterance(line, 2.0, sound, words).as_json()
    assert described["words"] == [["I", 2.0, 2.25], ["see", 2.25, 2.9]]
    assert described["end"] == 2.9


def test_it_resamples_without_changing_pitch_or_loudness() -> None:
    moments = np.arange(22_050) / 22_050
    tone = np.sin(2 * np.pi * 440 * moments).astype(np.float32)
    heard = resample(tone, 22_050)
    assert len(heard) == SAMPLE_RATE
    assert np.argmax(np.abs(np.fft.rfft(heard))) == 440
    assert abs(float(np.sqrt(np.mean(heard**2))) - 0.7071) < 0.001
