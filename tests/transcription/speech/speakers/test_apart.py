"""Voices of one track, told apart."""

import numpy as np
import pytest

from benchmarks.speakers import Turn, demo_call, error_rate
from meetings.media.pcm import PCM_RATE
from tests.two_voices import in_turns
from transcription.speech.speakers.apart import VoiceTurn, stretches, tell_apart
from transcription.speech.speakers.clustering import middles, steady, unit


def voices_of(turns: list[VoiceTurn]) -> list[int]:
    """Who speaks, turn by turn; a pause inside a turn is none."""
    found = [turn.voice for turn in turns]
    return [v for n, v in enumerate(found) if n == 0 or v != found[n - 1]]


def test_two_people_who_take_turns_are_two() -> None:
    parts = in_turns(["anna", "ben"], turns=6, seconds=4)
    turns = tell_apart(lambda: parts)
    assert voices_of(turns) == [1, 2, 1, 2, 1, 2]
    changes = [
        b.start for a, b in zip(turns, turns[1:], strict=False) if a.voice != b.voice
    ]
    assert np.abs(np.array(changes) - [4.25 * n for n in range(1, 6)]).max() < 0.6


def test_three_people_who_answer_each_other_quickly_are_three() -> None:
    sound, truth = demo_call()
    turns = [Turn(t.start, t.end, str(t.voice)) for t in tell_apart(lambda: [sound])]
    assert error_rate(truth, turns, len(sound) / PCM_RATE) < 0.05


@pytest.mark.parametrize("name", ["anna", "ben", "carol"])
def test_one_person_stays_one(name: str) -> None:
    parts = in_turns([name], turns=4, seconds=5)
    assert voices_of(tell_apart(lambda: parts)) == [1]


def test_as_many_are_told_apart_as_somebody_knows_there_are() -> None:
    parts = in_turns(["anna"], turns=2, seconds=5)
    turns = tell_apart(lambda: parts, count=2)
    assert {turn.voice for turn in turns} == {1, 2}


def test_it_does_not_matter_how_the_sound_is_cut() -> None:
    parts = in_turns(["anna", "ben"], turns=2, seconds=4)
    whole = np.concatenate(parts)
    small = [whole[at : at + 777] for at in range(0, len(whole), 777)]
    assert tell_apart(lambda: parts) == tell_apart(lambda: small)


def test_it_says_how_far_it_is() -> None:
    parts, told = in_turns(["anna"], turns=1, seconds=4), list[float]()
    tell_apart(lambda: parts, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("seconds", [0, 3])
def test_where_nobody_speaks_nobody_is_told_apart(seconds: int) -> None:
    assert tell_apart(lambda: [np.zeros(seconds * PCM_RATE, np.int16)]) == []


def test_speech_that_ends_with_the_file_counts() -> None:
    sound = np.concatenate(in_turns(["ben"], turns=1, seconds=2)[:1])
    (*_, last) = stretches([sound])
    assert last[1] == pytest.approx(2, abs=0.2)


def around(
    middle: int, count: int, spread: float
) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    chance = np.random.default_rng(middle)
    looks = chance.normal(0, spread, (count, 256))
    looks[:, middle * 20 : middle * 20 + 20] += 1
    return unit(looks.astype(np.float32))


def test_eight_voices_are_eight() -> None:
    looks = np.concatenate([around(n, 60, 0.1) for n in range(8)])
    assert len(middles(looks, 0.3)) == 8


def test_more_than_eight_are_not_told_apart() -> None:
    looks = np.concatenate([around(n, 60, 0.1) for n in range(12)])
    assert len(middles(looks, 0.3)) == 8


def test_a_cough_is_no_person() -> None:
    looks = np.concatenate([around(0, 200, 0.1), around(5, 6, 0.1)])
    assert len(middles(looks, 0.3)) == 1


def test_a_single_look_does_not_change_the_speaker() -> None:
    likeness = np.array([[0.8, 0.5], [0.6, 0.65], [0.8, 0.5], [0.3, 0.9], [0.3, 0.9]])
    assert steady(likeness.astype(np.float32), 0.15).tolist() == [0, 0, 0, 1, 1]
