from meetings.media.packets import EncodedFrame


class Onset:
    """The first packets of a stretch, held until it is known when they were spoken.

    What waited on its way while a connection was made comes all at once, and is as much
    older as the packet that waited least says. Who sends regularly is held for SETTLED.
    """

    SETTLED = 0.1  # s in which no packet had waited less than those before
    NOISE = 0.005  # s by which less is no less
    LONGEST = 0.5  # s
    EARLIEST = 1.0  # s before the first one's arrival; beyond, the sender has leapt

    def __init__(self, frame: EncodedFrame) -> None:
        self.frames = [frame]
        self._early = 0.0  # s of the first one's wait
        self._since = frame.wall  # when less of a wait was seen last

    @property
    def spoken_at(self) -> float:
        """Wall time to which the first packet belongs."""
        return self.frames[0].wall - self._early

    def hear(self, frame: EncodedFrame) -> None:
        """One more, which may tell that those before had waited."""
        first = self.frames[0]
        self.frames.append(frame)
        sent = (frame.pts - first.pts) / frame.clock_rate
        early = sent - (frame.wall - first.wall)
        if self._early + self.NOISE < early <= self.EARLIEST:
            self._since = frame.wall
        if self._early < early <= self.EARLIEST:
            self._early = early

    def is_over(self, wall: float) -> bool:
        """Whether nothing is to be waited for any more."""
        held = wall - self.frames[0].wall
        return wall - self._since >= self.SETTLED or held >= self.LONGEST
