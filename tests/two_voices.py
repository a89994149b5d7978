"""A recording in which people take turns, put together from those of the demo call."""

from collections.abc import Sequence
from functools import cache
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from django.conf import settings

from meetings.media.pcm import PCM_RATE, Samples, load_pcm16k
from transcription.speech.speakers.apart import stretches

CALL = settings.BASE_DIR / "meetings" / "demo_call"
PAUSE = np.zeros(PCM_RATE // 4, np.int16)


@cache
def spoken(name: str) -> Samples:
    """What somebody of the demo call says, without the silence in between."""
    floats = load_pcm16k(Path(CALL / f"{name}.ogg"))
    sound = np.round(floats * 32_767).astype(np.int16)
    spans = stretches([sound])
    parts = [sound[int(a * PCM_RATE) : int(b * PCM_RATE)] for a, b in spans]
    return np.concatenate(parts)


def in_turns(names: Sequence[str], turns: int, seconds: float) -> list[Samples]:
    """A part for each turn; everybody goes on where they stopped."""
    size, at = int(seconds * PCM_RATE), dict.fromkeys(names, 0)
    parts = []
    for name in islice(cycle(names), turns):
        parts.append(spoken(name)[at[name] : at[name] + size])
        parts.append(PAUSE)
        at[name] += size
    return parts
