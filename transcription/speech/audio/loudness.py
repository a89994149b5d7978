"""How loud a track was, when."""

import math

import numpy as np

from transcription.speech.audio.sound import SAMPLE_RATE, Samples

STEP = 0.1  # s that are one figure
BLOCK = 320  # samples that count as of one time


class LoudnessTrack:
    """dB of full scale by time; what is fed is int16 mono at 16 kHz, in order."""

    def __init__(self, kept: float = math.inf) -> None:
        """`kept`: seconds that are remembered."""
        self._kept = kept / STEP
        self._steps: dict[int, tuple[float, int]] = {}  # sum of squares, samples

    def hear(self, start: float, samples: Samples) -> None:
        """Take samples that begin at this time, in seconds."""
        values = samples.astype(np.float32) / 32768
        for at in range(0, len(values), BLOCK):
            part = values[at : at + BLOCK]
            step = int((start + at / SAMPLE_RATE) / STEP + 1e-6)
            total, count = self._steps.get(step, (0.0, 0))
            self._steps[step] = total + float(np.square(part).sum()), count + len(part)
        while len(self._steps) > self._kept:
            del self._steps[next(iter(self._steps))]

    def over(self, start: float, end: float) -> float | None:
        """dB from start to end, of the louder half of it: pauses say nothing."""
        steps = range(int(start / STEP), math.ceil(end / STEP) + 1)
        heard = [self._steps[step] for step in steps if step in self._steps]
        powers = sorted(total / count for total, count in heard)
        if not powers:
            return None
        louder = powers[len(powers) // 2 :]
        return 10 * math.log10(sum(louder) / len(louder) + 1e-12)
