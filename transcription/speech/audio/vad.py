"""Silero voice activity: the file in faster-whisper's wheel, carried as a stream.

Its first dimension is time, not people: one call takes successive windows of ONE person
with that person's state, and gives the same answer as a call for each.

Who has been silent for a while is not judged: a muted microphone costs nothing. What
follows is heard with a fresh memory, and its first word is noticed sooner.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import faster_whisper
import numpy as np
import onnxruntime

from transcription.speech.audio.sound import SAMPLE_RATE, Floats

WINDOW = 512  # samples that one probability stands for
WINDOW_SECONDS = WINDOW / SAMPLE_RATE  # 32 ms
_CONTEXT = 64  # samples of the window before that the model wants to see again
_BATCH = 1024  # windows per call: half a minute, so that a long file needs no gigabytes
SILENT = 2.0**-10  # peak below which nothing is speech: Silero hears none at -60 dBFS
HUSH = 16  # silent windows that are judged all the same: longer than a pause in a word


def windows(seconds: float) -> int:
    """How many VAD windows a duration holds, rounded."""
    return round(seconds / WINDOW_SECONDS)


@cache
def session() -> onnxruntime.InferenceSession:
    """The one model file, shared by all streams: calls carry their own state."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    path = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )


class Vad:
    """The ear for one person; hears sound in order and remembers."""

    def __init__(self) -> None:
        self._session = session()
        self.reset()

    def reset(self) -> None:
        """Forget everything, as at a gap."""
        self._pending = np.zeros(_CONTEXT, np.float32)
        self._silent = 0  # windows in a row
        self._begin()

    def _begin(self) -> None:
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)

    def hear(self, samples: Floats) -> Floats:
        """Speech probabilities of the windows that these samples complete."""
        heard = np.concatenate([self._pending, samples])
        count = (len(heard) - _CONTEXT) // WINDOW
        self._pending = heard[count * WINDOW :].copy()
        chances = np.zeros(count, np.float32)
        for first, last in self._loud(heard[_CONTEXT:], count):
            chances[first:last] = self._judge(heard, first, last)
        return chances

    def _loud(self, sound: Floats, count: int) -> Iterator[tuple[int, int]]:
        """First and one past the last window of each stretch that is to be judged."""
        peaks = np.abs(sound[: count * WINDOW].reshape(count, WINDOW)).max(1)
        first = 0
        for at, silent in enumerate(peaks < SILENT):
            self._silent = self._silent + 1 if silent else 0
            skipped = self._silent > HUSH
            if (skipped or at - first == _BATCH) and at > first:
                yield first, at
                first = at
            if skipped:
                self._begin()
                first = at + 1
        if count > first:
            yield first, count

    def _judge(self, heard: Floats, first: int, last: int) -> Floats:
        sound = heard[first * WINDOW : last * WINDOW + _CONTEXT]
        views = np.lib.stride_tricks.sliding_window_view(sound, WINDOW + _CONTEXT)
        feed = {"input": views[::WINDOW], "h": self._h, "c": self._c}
        probabilities, self._h, self._c = self._session.run(None, feed)
        return np.asarray(probabilities, np.float32).ravel()
