import numpy as np

from benchmarks.batch import call_recordings
from benchmarks.call import Person, Spoken

ANNA = Person("anna", np.full(4, 8192, np.int16), (Spoken("hello", 0.0, 0.5),))
BEN = Person(
    "ben",
    np.full(2, 8192, np.int16),
    (Spoken("hi", 0.6, 0.8), Spoken("anna", 0.9, 1.0)),
)


def test_it_records_every_track_and_the_mix() -> None:
    recordings = {one.name: one for one in call_recordings([BEN, ANNA])}

    assert list(recordings) == ["ben", "anna", "mix"]
    assert recordings["mix"].words == ("hello", "hi", "anna")
    assert recordings["mix"].sound.tolist() == [0.5, 0.5, 0.25, 0.25]


def test_it_repeats_a_recording_with_its_words() -> None:
    _, anna, _ = call_recordings([BEN, ANNA], repeat=3)

    assert anna.words == ("hello",) * 3
    assert len(anna.sound) == 12
