"""Real-time feeding on an absolute schedule, and what came back when."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.call import RATE, Person
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.streams import Stream

FRAME = 320  # samples: 20 ms
STAGGER = 1.37  # s between the starts of two streams: no common divisor with a tick
TOGETHER = 3  # of the sound, the first of so many parts may pass before all talk


@dataclass
class Played:
    """One stream: who, started when, and every event with its arrival.

    Arrivals are seconds on the stream's own clock: sound at ``x`` was handed over at
    ``x``, at the end of its frame.
    """

    person: Person
    start: float
    events: list[tuple[float, Caption]] = field(default_factory=list)

    def frame(self, at: float) -> tuple[NDArray[np.int16], float]:
        """The frame that ends at a time of the run, and its own start time."""
        end = max(round((at - self.start) * RATE), 0)  # 0: not begun
        first = max(end - FRAME, 0)
        return self.person.samples[first:end], first / RATE


def play(
    engine: Engine,
    people: Sequence[Person],
    streams: int,
    language: str | None = None,
) -> list[Played]:
    """Play a call into the engine as so many people, in real time."""
    apart = stagger(people, streams)
    plays = [Played(people[i % len(people)], i * apart) for i in range(streams)]
    work = engine, plays, language
    feeder = threading.Thread(target=_feed, args=work, name="feeder")
    feeder.start()
    feeder.join()
    return plays


def stagger(people: Sequence[Person], streams: int) -> float:
    """Seconds between two starts: so few that the last begins while the first talks.

    1.37 s between 64 people who talk for 30 s would let 22 of them talk at once.
    """
    shortest = min(len(person.samples) for person in people) / RATE
    return min(STAGGER, shortest / TOGETHER / max(streams, 1))


def _feed(engine: Engine, plays: list[Played], language: str | None) -> None:
    _move_to_last_core()
    began = time.monotonic()
    streams = [_open(engine, played, began, language) for played in plays]
    longest = max(played.start + len(played.person.samples) / RATE for played in plays)
    for tick in range(1, round(longest * RATE / FRAME) + 1):
        at = tick * FRAME / RATE
        time.sleep(max(began + at - time.monotonic(), 0.0))
        for played, stream in zip(plays, streams, strict=True):
            samples, t = played.frame(at)
            stream.hear(samples, t)
    for stream in streams:
        stream.close()
    for stream in streams:
        stream.closed.wait(10)


def _open(engine: Engine, played: Played, began: float, language: str | None) -> Stream:
    def note(caption: Caption) -> None:
        played.events.append((time.monotonic() - began - played.start, caption))

    return engine.open_stream(note, language, label=played.person.name)


def _move_to_last_core() -> None:
    """The feeder's core is not the model's, as far as there are two."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(threading.get_native_id(), {max(cores)})
