"""The sound of a file: whatever its rate and shape, in true time."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from meetings.media.errors import TooLong
from meetings.media.mixdown import Mixdown, Sides
from meetings.media.timeline import ALONE, PATIENCE, Course, Placed, StampedSound

LONGEST = 12 * 3600  # s on the clock of a file
LOWEST_RATE = 4_000  # Hz; below it nobody can be understood


class StreamSound:
    """One stream of a file, made continuous: frames in, int16 at `rate` Hz out.

    Where frames are missing there is silence, noted in `gaps`; `start` is how late the
    first sound comes, which is no silence yet. All in samples of the file's clock.
    """

    def __init__(
        self,
        rate: int,
        sides: int = 1,
        zero: float = 0.0,
        longest: float | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.rate, self.sides = rate, sides
        self._longest = longest or LONGEST
        self.start = self.end = 0
        self.gaps: list[tuple[int, int]] = []
        self._course = Course(zero, patience)
        self._ends: tuple[float, float] | None = None
        self._unheard = False  # whether the last packet gave no sound
        self._mixdown = Mixdown(rate)
        self._resampler: Any = None
        self._form: tuple[str, str, int] | None = None
        self._heard = False

    def push(self, frame: Any) -> Iterator[Sides]:
        """What a decoded frame adds. Raises TooLong."""
        if frame.sample_rate < LOWEST_RATE or not frame.samples:
            return
        self._unheard = False
        seconds = frame.samples / frame.sample_rate
        for placed in self._course.take(StampedSound(frame.time, seconds, frame)):
            yield from self._lay(placed)

    def note_end(self, stamp: float | None) -> None:
        """A packet, with sound that can be decoded or not, ends at this time stamp."""
        if stamp is not None:
            self._unheard = True
            self._ends = (self._ends[1] if self._ends else stamp, stamp)

    def finish(self) -> Iterator[Sides]:
        """The rest, and silence where packets went on, unheard."""
        for placed in self._course.finish():
            yield from self._lay(placed)
        now, at = self._course.timeline.now, self._course.timeline.place(self._end())
        if self._heard and now < at <= self._longest:
            yield from self._silence_until(at)
        yield from self._flush()

    def _end(self) -> float | None:
        """Where its packets end; the last one alone cannot add hours."""
        if self._ends is None or not self._unheard:
            return None
        before, last = self._ends
        return last if last - before <= ALONE else before

    def _lay(self, placed: Placed) -> Iterator[Sides]:
        if placed.at > self._longest:
            raise TooLong(self._longest)
        if placed.silence:
            yield from self._silence_until(placed.at)
        yield from self._adapt(placed.sound)
        placed.sound.pts = None  # the resampler would take a jump for lost samples
        yield from self._resample(placed.sound)
        self._heard = True

    def _adapt(self, frame: Any) -> Iterator[Sides]:
        """A resampler for this form of frames: some change it on their way."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form == self._form:
            return
        yield from self._flush()
        self._form = form
        one = self.sides == 1 and frame.layout.nb_channels == 1
        layout = "mono" if one else "stereo"
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
