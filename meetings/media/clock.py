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

    The least delay of a while shows how the two clocks stand, whatever the network does
    to single packets. Two things move them apart:

    - A sender stops counting, as while its microphone is away: its delay grows at once
      by more than `TOLERANCE`, and the time line is shifted by all of it. So it is when
      its count leaps ahead.
    - Clocks drift (100 ppm are 180 ms in half an hour), and queues in the network fill
      and drain. That is followed by steps of a packet, in pauses if there are any: what
      a step back takes away is then nobody's word.
    """

    WINDOW = 1.0  # s
    TOLERANCE = 0.12  # s
    LEAP = 2.0  # s by which no queue drains: the sender counts from elsewhere
    STEP = 0.02  # s, a packet
    SPAN = 10.0  # s of which the least delay counts as drift; then a step is due

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._step = round(self.STEP * rate)
        self._start: float | None = None
        self._shift = 0
        self._delays: deque[tuple[float, int]] = deque()
        self._usual: int | None = None  # least delay of the first span, in samples
        self._span: tuple[float, int] | None = None  # since when, and its least delay
        self._due = 0  # steps, to be taken in a pause; below 0: back
        self._waited = False  # for a pause, a span long

    def begin(self, pts: int, wall: float) -> None:
        """Say when a first frame was sent that may arrive later."""
        self._start, self._shift = wall, -pts

    def place(self, pts: int, wall: float, pause: bool = True) -> int:
        """Position of the frame with this sender time that arrived at `wall`; `pause`:
        whether nobody speaks in it."""
        if self._start is None:
            self.begin(pts, wall)
        delay = self.arrival(wall) - (pts + self._shift)
        if not self._stopped(wall, delay):
            self._measure(wall, delay)
        if self._due and pause:
            self._take_step()
        return pts + self._shift

    def arrival(self, wall: float) -> int:
        """Position of a wall time; 0 before the first frame."""
        start = wall if self._start is None else self._start
        return round((wall - start) * self._rate)

    def anchor(self, pts: int, wall: float) -> int:
        """Say that this frame belongs to the moment it arrived in."""
        self._forget()
        self._usual = None
        self._shift = self.arrival(wall) - pts
        return pts + self._shift

    def _stopped(self, wall: float, delay: int) -> bool:
        """Whether the sender did not count for a while, or its count has leapt, which
        is made up for now."""
        self._delays.append((wall, delay))
        if wall - self._delays[0][0] < self.WINDOW:
            return False
        late = min(delay for _, delay in self._delays) - (self._usual or 0)
        while self._delays and wall - self._delays[0][0] >= self.WINDOW:
            self._delays.popleft()
        if -self.LEAP * self._rate <= late <= self.TOLERANCE * self._rate:
            if self._usual is None and late < -self.TOLERANCE * self._rate:
                self._usual = 0  # the first ones came late, in a burst
                self._due = int(late / self._step)
            return False
        self._shift += late
        self._forget()
        return True

    def _measure(self, wall: float, delay: int) -> None:
        since, least = self._span or (wall, delay)
        self._span = since, min(least, delay)
        if wall - since < self.SPAN:
            return
        if self._due:  # there was no pause all the while
            self._take_step()
        self._span = None
        if self._usual is None:
            self._usual = min(least, delay)
        drift = min(least, delay) - self._usual
        self._due = int(drift / self._step)

    def _take_step(self) -> None:
        forward = self._due > 0
        self._due -= 1 if forward else -1
        step = self._step if forward else -self._step
        self._shift += step
        if self._span:  # what was measured before the step is no drift after it
            since, least = self._span
            self._span = since, least - step

    def _forget(self) -> None:
        self._delays.clear()
        self._span = None
        self._due = 0


class Pauses:
    """Where nobody speaks, by the sizes of packets: Opus spends few bytes on silence.

    A sender of packets of one size never pauses.
    """

    LEAST = 5  # packets in a row, 0.1 s
    QUIET = 0.4  # of the largest of late
    FORGET = 0.9995  # of that, a packet: half in 28 s

    def __init__(self) -> None:
        self._largest = 0.0
        self._quiet = 0

    def hear(self, size: int) -> bool:
        """Whether a packet of so many bytes belongs to a pause."""
        self._largest = max(size, self._largest * self.FORGET)
        self._quiet = self._quiet + 1 if size < self.QUIET * self._largest else 0
        return self._quiet > self.LEAST
