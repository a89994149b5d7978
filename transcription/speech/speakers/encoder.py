"""How a voice sounds, as 256 numbers: a small network that was trained on thousands of
people (NOTICE.md). They live as long as one call is told apart, and are never kept.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from transcription.speech.audio.features import FRAMES_PER_SECOND, HOP, MelBank
from transcription.speech.audio.sound import Floats

FRAMES = 160  # that one look takes: 1.6 s
WINDOW = FRAMES * HOP  # samples from the first frame to the end of the last
SECONDS = FRAMES / FRAMES_PER_SECOND
_SIGHT = 400  # samples that one frame looks at, half of them before it
NEEDED = (FRAMES - 1) * HOP + _SIGHT
BATCH = 16  # windows of one call: more are no quicker on a CPU
LOUDNESS = 10 ** (-30 / 20)  # to which a quiet window is raised, as in its training
Voices = NDArray[np.float32]  # [n, 256], each of length 1


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = Path(__file__).with_name("encoder.onnx")
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )


@cache
def _bank() -> MelBank:
    return MelBank(40)


def voices(windows: Iterator[Floats]) -> Iterator[Voices]:
    """Of windows of NEEDED samples, a batch at a time."""
    while batch := list(islice(windows, BATCH)):
        mels = np.stack([_mels(window) for window in batch])
        yield _session().run(None, {"mels": mels})[0]


def _mels(window: Floats) -> Floats:
    """Power, not its logarithm, of a window that is loud enough."""
    loud = float(np.sqrt(np.mean(np.square(window))))
    raised = window * max(1.0, LOUDNESS / loud) if loud > 0 else window
    mels: Floats = np.power(10.0, _bank().frames(raised.astype(np.float32)))
    return mels.astype(np.float32)


def padded(heard: Floats, before: int) -> Floats:
    """Samples as a whole window: silence where the sound has not begun, or is over."""
    window = np.zeros(NEEDED, np.float32)
    window[before : before + len(heard)] = heard[: NEEDED - before]
    return window


def mean_of(found: Sequence[Voices]) -> Voices:
    return np.concatenate(found) if found else np.zeros((0, 256), np.float32)
