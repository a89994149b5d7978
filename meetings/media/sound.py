"""The sound of a file: whatever its rate and shape, in true time."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from meetings.media.errors import TooLong
from meetings.media.mixdown import Mixdown, Sides
from meetings.media.timeline import Timeline

LONGEST = 12 * 3600  # s on the clock of a file
LOWEST_RATE = 4_000  # Hz; below it nobody can be understood


class StreamSound:
    """One stream of a file, made continuous: frames in, int16 at `rate` Hz out.

    Where frames are missing there is silence, noted in `gaps`; `start` is how late the
    first sound comes, which is no silence yet. All in samples of the file's clock.
    """

    def __init__(self, rate: int, sides: int = 1, zero: float = 0.0) -> None:
        self.rate, self.sides = rate, sides
        self.start = self.end = 0
        self.gaps: list[tuple[int, int]] = []
        self._timeline = Timeline(zero)
        self._mixdown = Mixdown(rate)
        self._resampler: Any = None
        self._form: tuple[str, int, int] | None = None
        self._heard = False

    def push(self, frame: Any) -> Iterator[Sides]:
        """What a decoded frame adds. Raises TooLong."""
        if frame.sample_rate < LOWEST_RATE or not frame.samples:
            return
        at = self._timeline.place(frame.time)
        if at > LONGEST:
            raise TooLong(LONGEST)
        if at > self._timeline.now:
            yield from self._silence_until(at)
        yield from self._adapt(frame)
        self._timeline.now = at + frame.samples / frame.sample_rate
        frame.pts = None  # the resampler would take a jump in time for lost samples
        yield from self._resample(frame)
        self._heard = True

    def finish(self, stamp: float | None = None) -> Iterator[Sides]:
        """The rest, and silence up to `stamp` (s) where packets went on, unheard."""
        at = self._timeline.place(stamp)
        if self._heard and self._timeline.now < at <= LONGEST:
            yield from self._silence_until(at)
        yield from self._flush()

    def _adapt(self, frame: Any) -> Iterator[Sides]:
        """A resampler for this form of frames: some change it on their way."""
        form = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        if form == self._form:
            return
        yield from self._flush()
        self._form = form
        layout = "mono" if self.sides == 1 and form[1] == 1 else "stereo"
        self._resampler = av.AudioResampler("s16p", layout, self.rate)

    def _flush(self) -> Iterator[Sides]:
        if self._resampler is not None:
            yield from self._resample(None)
        self._resampler, self._form = None, None

    def _resample(self, frame: Any) -> Iterator[Sides]:
        for part in self._resampler.resample(frame):
            sides: Sides = part.to_ndarray()
            yield self._count(self._mixdown.mix(sides) if self.sides == 1 else sides)

    def _count(self, sides: Sides) -> Sides:
        self.end += sides.shape[1]
        return sides

    def _silence_until(self, at: float) -> Iterator[Sides]:
        yield from self._flush()
        begin, until = self.end, max(self.end, round(at * self.rate))
        if not self._heard:
            self.start = self.end = until
            return
        self.gaps.append((begin, until))
        for done in range(begin, until, self.rate):
            size = min(self.rate, until - done)
            yield self._count(np.zeros((self.sides, size), np.int16))
