"""Where decoded sound lies on the clock of its file."""

from typing import Any

TOLERANCE = 0.1  # s that timestamps jitter by; where more is missing, sound is missing
STARTED_AGAIN = 1.0  # s back: files were laid end to end, and the clock began anew
LONGEST_GAP = 6 * 3600.0  # s; a longer leap is another clock, and no silence
LATEST_START = 12 * 3600.0  # s; a file that begins later counts from another day

# Their time stamps count from the start of the recording, also when sound comes late;
# those of others from anywhere (MPEG streams) or with their encoder's delay (MP3).
FROM_ZERO = ("matroska", "mov", "ogg", "nut", "avi", "flv", "asf", "mxf")


def zero_of(container: Any) -> float:
    """The time stamp, in seconds, that an open file calls its beginning."""
    start = (container.start_time or 0) / 1_000_000
    counts = container.format.name.startswith(FROM_ZERO) and start < LATEST_START
    return 0.0 if counts else start


class Timeline:
    """One stream of a file. `now`: s at which sound that follows directly begins."""

    def __init__(self, zero: float = 0.0) -> None:
        self.now = 0.0
        self._shift = -zero

    def place(self, stamp: float | None) -> float:
        """Where sound with this time stamp (s) begins: now, or after a silence.

        Never earlier: a clock that jumps back, or leaps too far, is another clock.
        """
        if stamp is None:
            return self.now
        lead = stamp + self._shift - self.now
        if lead < -STARTED_AGAIN or lead > LONGEST_GAP:
            self._shift -= lead
        return self.now + lead if TOLERANCE < lead <= LONGEST_GAP else self.now
