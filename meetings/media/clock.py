import time
from collections import deque
from dataclasses import dataclass


def wall_now() -> float:
    """Seconds since the epoch, as every `wall` in this package."""
    return time.time()


@dataclass(frozen=True)
class RoomClock:
    """The one time line of a meeting: milliseconds since its recording began.

    `origin_wall` (seconds since the epoch) comes from the caller, so that a server
    that was restarted in mid-call goes on counting where the old one stopped.
    """

    origin_wall: float

    def at(self, wall: float) -> int:
        """Room time of a wall time, in ms; never below 0."""
        return max(0, round((wall - self.origin_wall) * 1000))


class TrackClock:
    """Where a sender's frames belong on the arrival clock, in samples from the first.

    Sender and server clocks drift (50 ppm are 180 ms in an hour), and a sender may stop
    counting while its microphone is away. The least delay of the last second shows
    both: outside `TOLERANCE` the time line is shifted by it.
    """

    WINDOW = 1.0  # s
    TOLERANCE = 0.12  # s

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._start: float | None = None
        self._shift = 0
        self._delays: deque[tuple[float, int]] = deque()

    def place(self, pts: int, wall: float) -> int:
        """Position of the frame with this sender time that arrived at `wall`."""
        if self._start is None:
            self._start = wall
            self._shift = -pts
        self._follow(wall, self.arrival(wall) - (pts + self._shift))
        return pts + self._shift

    def arrival(self, wall: float) -> int:
        """Position of a wall time; 0 before the first frame."""
        start = wall if self._start is None else self._start
        return round((wall - start) * self._rate)

    def anchor(self, pts: int, wall: float) -> int:
        """Say that this frame belongs to the moment it arrived in."""
        self._delays.clear()
        self._shift = self.arrival(wall) - pts
        return pts + self._shift

    def _follow(self, wall: float, delay: int) -> None:
        self._delays.append((wall, delay))
        if wall - self._delays[0][0] < self.WINDOW:
            return
        least = min(delay for _, delay in self._delays)
        if abs(least) > self.TOLERANCE * self._rate:
            self._shift += least
            self._delays.clear()
        while self._delays and wall - self._delays[0][0] >= self.WINDOW:
            self._delays.popleft()
