"""The shortest encoder input that a model can read, found on a clip of real speech.

Whisper was trained on windows of 30 s. Given less, a model is quicker, down to a length
of its own below which it does not stop: it says its sentence again and again. So each
length is tried, from the shortest on: the model must write what it writes at full
length and come to an end by itself. The clip is short, other voices are harder: the
next longer length is taken. At full length a model may leave words out (base in int8 on
a CPU with VNNI began a piece in its middle), so what 1500 frames write more is right as
well. On 18 pieces of other people the clip's own answer changes 36 % (tiny.en, 1000
frames) and 101 % (base, 600) of the words that are written at full length, one step
above it 6 % (1200) and 3 % (800).
"""

import json
import logging
import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from transcription.speech.audio.features import BUCKETS, TAIL, MelBank, MelBuffer
from transcription.speech.audio.sound import (
    SAMPLE_RATE,
    Floats,
    SlidingBuffer,
    to_float,
)
from transcription.speech.engine.captions import normal, units
from transcription.speech.model.guards import repeats
from transcription.speech.model.windows import Decoded, Window

logger = logging.getLogger(__name__)

NOTE = "earshot.json"  # beside the model: {"shortest": frames, "bytes": of model.bin}
CLIP = Path(__file__).parent / "clips" / "selftest.wav"
PIECES = (  # s of the clip; where a model that is asked too much fell into a loop
    (0.0, 2.3),
    (0.2, 2.4),
    (0.0, 4.6),
    (4.6, 6.6),
    (6.6, 10.0),
    (10.0, 13.4),
    (13.4, 16.8),
)
SAME = 0.3  # share of a piece's words that may differ: a word at the cut often does
_TRIED = tuple(size for size in BUCKETS if 500 <= size <= 1500)


class Model(Protocol):
    """What is tested."""

    bank: MelBank

    def write(self, window: Window) -> Decoded:
        """Greedy search, without any guard."""
        ...


def shortest(model: Model, folder: Path) -> int:
    """Frames of the shortest input for the model in a folder, which keeps the answer.

    Takes some seconds the first time.
    """
    if found := noted(folder):
        return found
    found = measure(model)
    try:
        keep(folder, found)
    except OSError as error:
        logger.warning("%s: measured again at every start (%s)", folder, error)
    logger.info("%s reads windows of %d frames and more", folder, found)
    return found


def keep(folder: Path, frames: int) -> None:
    """Write down what was measured of the model in a folder. Raises OSError."""
    size = (folder / "model.bin").stat().st_size
    (folder / NOTE).write_text(json.dumps({"shortest": frames, "bytes": size}))


def noted(folder: Path) -> int:
    """What was measured of the model before; 0 for nothing that can be used."""
    try:
        read = json.loads((folder / NOTE).read_text())
        size = (folder / "model.bin").stat().st_size
        known = read["shortest"] in BUCKETS and read["bytes"] == size
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return int(read["shortest"]) if known else 0


def measure(model: Model) -> int:
    """One step above the shortest length that the model can read the clip at."""
    right = [_right(model, sound) for sound in _pieces()]
    for frames in _TRIED:
        if all(
            _alike(text, _write(model, sound, frames))
            for text, sound in zip(right, _pieces(), strict=True)
        ):
            return next((size for size in BUCKETS if size > frames), BUCKETS[-1])
    return BUCKETS[-1]


def _right(model: Model, sound: Floats) -> list[str]:
    """The words of a piece: at full length, or with what was left out there."""
    full = _write(model, sound, BUCKETS[-1])
    more = _write(model, sound, _TRIED[-1])
    rest = iter(more)
    has_all = all(word in rest for word in full)
    return more if has_all and not repeats(" ".join(more)) else full


def _write(model: Model, sound: Floats, frames: int) -> list[str]:
    buffer = SlidingBuffer()
    buffer.append(sound)
    mel, heard = MelBuffer(buffer).window(model.bank, 0, len(sound), frames)
    text = model.write(Window(mel, heard, "en")).text
    return [word for unit in units(text) if (word := normal(unit))]


def _alike(right: list[str], text: list[str]) -> bool:
    """Whether a text is the right one but for a few words, and no longer."""
    allowed = max(SAME * len(right), 1)
    return _distance(right, text) <= allowed


def _distance(one: list[str], other: list[str]) -> int:
    """Levenshtein's, over words."""
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        before, row = row, [i]
        for j, second in enumerate(other, 1):
            swapped = before[j - 1] + (word != second)
            row.append(min(swapped, before[j] + 1, row[-1] + 1))
    return row[-1]


def _pieces() -> Iterator[Floats]:
    for start, end in PIECES:
        yield _clip()[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


@cache
def _clip() -> Floats:
    with wave.open(str(CLIP)) as file:
        return to_float(np.frombuffer(file.readframes(file.getnframes()), np.int16))


assert all((end - start) * 100 + TAIL <= _TRIED[0] for start, end in PIECES), (
    "every piece fits into the shortest length"
)
