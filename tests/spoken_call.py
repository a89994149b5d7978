"""A spoken call as tests get it: what was said, and one track of sound per person."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

Tracks = dict[str, NDArray[np.int16]]  # by name of the person, 16 kHz


class Line(TypedDict):
    """What one person said in one go; seconds from the start of the call."""

    speaker: str
    text: str
    start: float
    end: float
    words: list[tuple[str, float, float]]  # text, start, end


class Call(TypedDict):
    """``call.json``."""

    duration: float
    utterances: list[Line]
