from meetings.media.packets import OPUS_RATE

LATE = 1.5  # s; a recorder lays silence for what is 2 s late
LEAP = 15.0  # s ahead of what came before: another clock, and no silence to wait for


class Playout:
    """When each frame of a source is due, so that it goes on in real time.

    The source's own count decides, from the arrival of its first frame on; where it
    jumps, or frames are too late, counting begins again at the moment of arrival. All
    times are seconds of a clock that never jumps; positions are samples at 48 kHz.
    `behind`: samples by which what is played came to lag, because it came too late.
    """

    def __init__(self, cushion: float) -> None:
        self.behind = 0
        self._cushion = cushion
        self._began: float | None = None
        self._shift = 0  # position - pts
        self._ended = 0  # position at which the last frame ends
        self._expected = 0  # pts of the frame that follows directly

    def place(self, pts: int, samples: int, now: float) -> tuple[float, int]:
        """(when it is due, its position) of a frame that is there at `now`."""
        if self._began is None:
            self._began = now
            self._anchor(pts, now)
        elif not 0 <= pts - self._expected <= LEAP * OPUS_RATE:
            self._anchor(pts, now)
        elif (late := now - self._due(pts + self._shift)) > LATE:
            self.behind += round(late * OPUS_RATE)
            self._anchor(pts, now)
        position = pts + self._shift
        self._ended, self._expected = position + samples, pts + samples
        return self._began + position / OPUS_RATE, position

    def skip(self, pts: int, samples: int) -> None:
        """Leave this frame out; what follows is due that much sooner."""
        self._shift -= samples
        self._expected = pts + samples
        self.behind -= samples

    def renew(self) -> None:
        """What comes next is counted afresh."""
        self._expected = 1 << 62

    def _anchor(self, pts: int, now: float) -> None:
        assert self._began is not None
        earliest = round((now + self._cushion - self._began) * OPUS_RATE)
        self._shift = max(self._ended, earliest) - pts

    def _due(self, position: int) -> float:
        assert self._began is not None
        return self._began + position / OPUS_RATE
