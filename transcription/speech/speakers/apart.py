"""Voices of one track told apart: who speaks when, as numbers and without names."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio.sound import (
    SAMPLE_RATE,
    Floats,
    Samples,
    SlidingBuffer,
    to_float,
)
from transcription.speech.audio.vad import WINDOW_SECONDS, Vad
from transcription.speech.speakers import encoder
from transcription.speech.speakers.clustering import (
    Labels,
    middles,
    middles_of,
    steady,
    unit,
)

SPEECH = 0.5  # probability of voice
PAUSE = 0.3  # s of silence that end a stretch
LEAST = 0.2  # s: a shorter stretch is no speech
EDGE = 0.05  # s that speech goes on before and after it is noticed
STEP = 0.3  # s from one look to the next
AROUND = 0.45  # s in which looks are averaged
CHANGE = 0.15  # of likeness
GROUPED = 1_500  # looks that are grouped; of a long call, some of all its parts
_HALF = 200  # samples that the first frame sees before its time

Sound = Callable[
    [], Iterable[Samples]
]  # int16 mono at 16 kHz, each time from the start
Progress = Callable[[float], None]
Stretch = tuple[float, float]
Times = NDArray[np.float64]


class VoiceTurn(NamedTuple):
    """Seconds, and a number from 1 on in the order of first words."""

    start: float
    end: float
    voice: int


def tell_apart(
    sound: Sound, count: int | None = None, progress: Progress = lambda share: None
) -> list[VoiceTurn]:
    """Turns by time; those of one voice alone where nothing tells of a second one.

    ``count`` voices, where somebody knows how many there are.
    """
    speech = list(stretches(sound()))
    times = looks_of(speech)
    if not len(times):
        return []
    looks = _averaged(_heard(sound(), times, progress), times)
    some = looks[:: max(1, -(-len(looks) // GROUPED))]
    seconds = sum(end - start for start, end in speech) / len(some)
    people = middles_of(count, some) if count else middles(some, seconds)
    whose = steady(looks @ people.T, CHANGE)
    return _numbered(list(_turns(speech, times + encoder.SECONDS / 2, whose)))


def stretches(sound: Iterable[Samples]) -> Iterator[Stretch]:
    """Where somebody speaks, in seconds."""
    vad, at = Vad(), 0
    first, last = -1.0, -1.0
    for part in sound:
        for chance in vad.hear(to_float(part)):
            now = at * WINDOW_SECONDS
            at += 1
            if chance <= SPEECH:
                continue
            if last >= 0 and now - last >= PAUSE:
                yield from _stretch(first, last)
                first = -1.0
            first = now if first < 0 else first
            last = now + WINDOW_SECONDS
    if last >= 0:
        yield from _stretch(first, last)


def _stretch(first: float, last: float) -> Iterator[Stretch]:
    if last - first >= LEAST:
        yield max(0.0, first - EDGE), last + EDGE


def looks_of(speech: Iterable[Stretch]) -> Times:
    """When each look begins: a STEP apart, inside speech where that is long enough."""
    size, times = encoder.SECONDS, []
    for start, end in speech:
        if end - start <= size:
            times.append(max(0.0, (start + end - size) / 2))
        else:
            steps = max(1, round((end - start - size) / STEP))
            times += list(np.linspace(start, end - size, steps + 1))
    return np.array(sorted(times), np.float64)


def _heard(
    sound: Iterable[Samples],
    times: Times,
    progress: Progress,
) -> encoder.Voices:
    found = []
    count = 0
    for batch in encoder.voices(_windows(sound, times)):
        found.append(batch)
        count += len(batch)
        progress(count / len(times))
    return encoder.mean_of(found)


def _windows(sound: Iterable[Samples], times: Times) -> Iterator[Floats]:
    """The sound of each look, while the file is read once."""
    buffer, parts = SlidingBuffer(), iter(sound)
    for time in times:
        start = round(time * SAMPLE_RATE) - _HALF
        end = start + encoder.NEEDED
        while buffer.end < end and (part := next(parts, None)) is not None:
            buffer.append(to_float(part))
        low, high = max(0, start), min(end, buffer.end)
        yield encoder.padded(buffer[low : max(low, high)], low - start)
        buffer.forget(max(0, start))


def _averaged(looks: encoder.Voices, times: Times) -> encoder.Voices:
    """Each with those beside it: less of the words, more of the voice."""
    sums = np.concatenate(
        [np.zeros((1, looks.shape[1])), np.cumsum(looks, 0, np.float64)]
    )
    first = np.searchsorted(times, times - AROUND, "left")
    last = np.searchsorted(times, times + AROUND, "right")
    return unit((sums[last] - sums[first]).astype(np.float32))


def _turns(
    speech: Iterable[Stretch],
    middle: Times,
    whose: Labels,
) -> Iterator[VoiceTurn]:
    """Stretches cut between two looks that are of two people."""
    edges = (middle[1:] + middle[:-1]) / 2
    for start, end in speech:
        cuts = [start, *(float(e) for e in edges if start < e < end), end]
        turn: VoiceTurn | None = None
        for a, b in pairwise(cuts):
            voice = int(whose[np.searchsorted(edges, (a + b) / 2)])
            if turn and turn.voice == voice:
                turn = turn._replace(end=b)
            else:
                if turn:
                    yield turn
                turn = VoiceTurn(a, b, voice)
        if turn:
            yield turn


def _numbered(turns: list[VoiceTurn]) -> list[VoiceTurn]:
    order = {
        voice: n for n, voice in enumerate(dict.fromkeys(t.voice for t in turns), 1)
    }
    return [turn._replace(voice=order[turn.voice]) for turn in turns]
