"""Two sides into one, also when one of them is the other upside down."""

import numpy as np
from numpy.typing import NDArray

Sides = NDArray[np.int16]  # a row per side

MEMORY = 0.5  # s of sound that decide
CLEARLY = 2.0  # times the energy: for less, the louder side is not changed
OPPOSITE = -0.8  # correlation of the sides from which on their sum loses what is said


class Mixdown:
    """Mixes the sides of a stream; where they would cancel, the louder one stands."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._seen = np.zeros((2, 2))  # energies of the sides, and their product
        self._louder = 0

    def mix(self, sides: Sides) -> Sides:
        """The next samples of two sides, or of one, as one row."""
        if len(sides) == 1:
            return sides
        exact = sides.astype(np.float64)
        kept = np.exp(-sides.shape[1] / (MEMORY * self._rate))
        self._seen = kept * self._seen + exact @ exact.T
        if self._cancels():
            return sides[self._louder : self._louder + 1]
        mixed: Sides = exact.mean(axis=0)[None, :].astype(np.int16)
        return mixed

    def _cancels(self) -> bool:
        energies = self._seen.diagonal()
        if energies[1 - self._louder] > CLEARLY * energies[self._louder]:
            self._louder = 1 - self._louder
        together = np.sqrt(energies[0] * energies[1])
        return bool(self._seen[0, 1] < OPPOSITE * together)
