"""Whether a decoder lost the thread: it repeats itself, or is sure of nothing. Pure."""

import zlib
from collections.abc import Sequence
from math import exp

from transcription.speech.engine.captions import normal, units

UNSURE = exp(-1.0)  # OpenAI's ``logprob_threshold``, below which it tries again
COMPRESSION = 2.4  # OpenAI's ``compression_ratio_threshold``, above which it does
_ENOUGH = 48  # bytes from which a compression ratio says anything
_PHRASE = 4  # words that nobody says twice in a row by chance
_LONGEST = 24  # words of a phrase that is looked for
_TIMES = 3  # times in a row that make a loop of any phrase
_WORD_TIMES = 8  # of one or two words: "no, no, no, no" is said


def repeats(text: str) -> bool:
    """Whether a phrase stands there several times in a row, or most of it twice."""
    words = [word for unit in units(text) if (word := normal(unit))]
    return any(_loops(words, size) for size in range(1, _LONGEST + 1)) or (
        compression(text) > COMPRESSION
    )


def _loops(words: Sequence[str], size: int) -> bool:
    needed = 2 if size >= _PHRASE else _WORD_TIMES if size < 3 else _TIMES
    run = 0  # words in a row that equal the one a phrase before
    for word, before in zip(words[size:], words, strict=False):
        run = run + 1 if word == before else 0
        if run >= size * (needed - 1):
            return True
    return False


def compression(text: str) -> float:
    """UTF-8 bytes over compressed bytes; 0 for what is too short to tell."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if len(data) >= _ENOUGH else 0.0
