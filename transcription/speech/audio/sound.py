"""Samples as they come in: checked, made float32, kept in a growing buffer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz, what Whisper and Silero were trained on

Floats = NDArray[np.float32]
Samples = NDArray[Any]  # integers or floats, mono


def to_float(samples: Samples) -> Floats:
    """Mono samples of any number type as a fresh float32 array within -1..1.

    NaN is silence, infinity and clipping are full scale.
    Raises ValueError for more than one dimension, TypeError for what is no number.
    """
    heard = np.asarray(samples)
    if heard.ndim != 1:
        raise ValueError(f"mono samples have one dimension, these have {heard.ndim}")
    if heard.dtype.kind not in "iuf":
        raise TypeError(f"samples are integers or floats, not {heard.dtype}")
    floats = heard.astype(np.float32)
    if heard.dtype.kind in "iu":
        floats /= 2.0 ** (8 * heard.dtype.itemsize - 1)
    if heard.dtype.kind == "u":
        floats -= 1.0
    return np.clip(np.nan_to_num(floats, copy=False), -1.0, 1.0, out=floats)


class SlidingBuffer:
    """Rows that are appended at one end and forgotten at the other.

    Positions are counted from the very first row and never change.
    """

    def __init__(self, width: int = 0, start: int = 0) -> None:
        shape = (4096, width) if width else (4096,)
        self._rows = np.zeros(shape, np.float32)
        self.start = self.end = start

    def append(self, rows: Floats) -> None:
        """Add rows at the end."""
        kept = self.end - self.start
        if kept + len(rows) > len(self._rows):
            self._grow(kept + len(rows))
        self._rows[kept : kept + len(rows)] = rows
        self.end += len(rows)

    def __getitem__(self, span: slice) -> Floats:
        """A view of rows ``a:b``; valid until the next append or forget."""
        if span.start < self.start or span.stop > self.end:
            kept = f"{self.start}:{self.end}"
            raise IndexError(f"rows {span.start}:{span.stop} are not in {kept}")
        return self._rows[span.start - self.start : span.stop - self.start]

    def forget(self, before: int) -> None:
        """Drop the rows before a position, when that is worth the copy."""
        before = min(before, self.end)
        if before - self.start > len(self._rows) // 2:
            kept = self.end - before
            self._rows[:kept] = self[before : self.end].copy()
            self.start = before

    def _grow(self, needed: int) -> None:
        size = max(needed, 2 * len(self._rows))
        rows = np.zeros((size, *self._rows.shape[1:]), np.float32)
        kept = self.end - self.start
        rows[:kept] = self._rows[:kept]
        self._rows = rows
