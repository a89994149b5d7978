"""Earshot's own side of the comparison: its engine, the same feed."""

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.call import Person
from benchmarks.feed import play
from benchmarks.rivals.screen import Screen, Seen, changes
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine

NAME = "earshot"


def run(
    model: Path, threads: int, cores: set[int], people: Sequence[Person], streams: int
) -> list[list[Seen]]:
    """What each stream displayed, with the engine on the cores that peers get."""
    engine = Engine(model, device="cpu", compute_type="int8", cpu_threads=threads)
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # threads keep what their maker had
    engine.start()
    engine.ready.wait()
    os.sched_setaffinity(0, here)
    try:
        plays = play(engine, people, streams, language="en")
    finally:
        engine.stop()
    return [screens(played.events) for played in plays]


def screens(events: Sequence[tuple[float, Caption]]) -> list[Seen]:
    """Captions as everything that a viewer sees: one line per utterance, in order."""
    lines: dict[str, Caption] = {}
    seen: list[Seen] = []
    for at, caption in events:
        lines[caption.utterance_id] = caption
        finals = [line.text for line in lines.values() if line.final]
        partials = [line.text for line in lines.values() if not line.final]
        seen.append((at, Screen(" ".join(finals), " ".join(partials))))
    return list(changes(seen))
