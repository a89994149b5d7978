"""Where decoded sound lies on the clock of its file."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOLERANCE = 0.1  # s that timestamps jitter by; where more is missing, sound is missing
STARTED_AGAIN = 1.0  # s back: files were laid end to end, and the clock began anew
LONGEST_GAP = 6 * 3600.0  # s; a longer leap is another clock, and no silence
LATEST_START = 12 * 3600.0  # s; a file that begins later counts from another day
PATIENCE = (
    10.0  # s of sound that must follow a jump before it counts: a cluster or page
)
HELD = 1_000  # pieces at most in that time, however short
SLACK = 0.3  # s by which a clock that is found again may be off
ALONE = 60.0  # s that the last sound of a file may leap, which nothing confirms

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

    def lead(self, stamp: float | None) -> float:
        """By how many s a time stamp (s) is later than what follows directly."""
        return 0.0 if stamp is None else stamp + self._shift - self.now

    def jumps(self, stamp: float | None) -> bool:
        """Whether it is no jitter."""
        return not -STARTED_AGAIN <= self.lead(stamp) <= TOLERANCE

    def place(self, stamp: float | None) -> float:
        """Where sound with this time stamp (s) begins: now, or after a silence.

        Never earlier: a clock that jumps back, or leaps too far, is another clock.
        """
        lead = self.lead(stamp)
        if lead < -STARTED_AGAIN or lead > LONGEST_GAP:
            self._shift -= lead
        return self.now + lead if TOLERANCE < lead <= LONGEST_GAP else self.now


@dataclass(frozen=True)
class StampedSound:
    """Sound with its time stamp (s, if it has one) and its length."""

    stamp: float | None
    seconds: float
    sound: Any


@dataclass(frozen=True)
class Placed:
    """Sound that begins at so many seconds; `silence`: s before it without any."""

    at: float
    silence: float
    sound: Any


class Course:
    """The pieces of a stream, each with its place.

    A jump waits for what follows: time stamps that are taken back within `patience` (s
    of sound) were damaged, and neither a gap nor another clock.
    """

    def __init__(self, zero: float = 0.0, patience: float = PATIENCE) -> None:
        self.timeline = Timeline(zero)
        self._patience = patience
        self._held: deque[StampedSound] = deque()
        self._behind = 0.0  # s of sound held behind the first piece

    def take(self, piece: StampedSound) -> Iterator[Placed]:
        """All pieces whose place is known now."""
        waited = bool(self._held)
        told = waited and self._damage(piece, self._seconds) is not None
        self._held.append(piece)
        self._behind += piece.seconds if waited else 0.0
        if told or not waited or self._is_patient_enough:
            yield from self._settle()

    def finish(self) -> Iterator[Placed]:
        """What is held."""
        while self._held:
            alone = (
                self._seconds < 1 and self.timeline.lead(self._held[0].stamp) > ALONE
            )
            yield self._place_first(damaged=alone or bool(self._verdict()))

    @property
    def _seconds(self) -> float:
        return self._held[0].seconds + self._behind

    @property
    def _is_patient_enough(self) -> bool:
        return self._behind >= self._patience or len(self._held) > HELD

    def _settle(self) -> Iterator[Placed]:
        while self._held:
            damaged: bool | None = False
            if self.timeline.jumps(self._held[0].stamp):
                damaged = self._verdict()
                if damaged is None and not self._is_patient_enough:
                    return
            yield self._place_first(bool(damaged))

    def _place_first(self, damaged: bool) -> Placed:
        piece = self._held.popleft()
        self._behind -= self._held[0].seconds if self._held else self._behind
        ended = self.timeline.now
        at = self.timeline.place(None if damaged else piece.stamp)
        self.timeline.now = at + piece.seconds
        return Placed(at, at - ended, piece.sound)

    def _verdict(self) -> bool | None:
        """Whether the first piece's time stamp is damaged, by what follows it."""
        seconds = 0.0
        for number, piece in enumerate(self._held):
            told = self._damage(piece, seconds) if number else None
            if told is not None:
                return told
            seconds += piece.seconds
        return None

    def _damage(self, piece: StampedSound, seconds: float) -> bool | None:
        """What a piece, after so much sound, tells of the first one's time stamp.

        True: it goes by the clock that was left. False: by one that began anew.
        """
        if piece.stamp is None:
            return None
        left = self.timeline.lead(self._held[0].stamp)
        back = self.timeline.lead(piece.stamp) - seconds
        if left > 0 and back < -SLACK:
            return False
        latest = left - TOLERANCE - seconds if left > 0 else SLACK
        return True if -SLACK <= back < latest else None
