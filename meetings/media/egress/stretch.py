from meetings.media.clock import Pauses, TrackClock
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, EncodedFrame


class Stretch:
    """A person's sound from one moment of the room clock on, without a leap in time.

    `laid` counts samples at 48 kHz: so far the stretch has sound or silence.
    """

    def __init__(self, offset_ms: int) -> None:
        self.offset_ms = offset_ms
        self.clock = TrackClock(OPUS_RATE)
        self.laid = 0
        self._pauses = Pauses()

    @property
    def end_ms(self) -> int:
        """Room time at which the stretch ends so far."""
        return self.offset_ms + self.laid * 1000 // OPUS_RATE

    def begin(self, frame: EncodedFrame, wall: float) -> None:
        """Say when the first frame was spoken, which `offset_ms` stands for."""
        self.clock.begin(frame.pts, wall)

    def place(self, frame: EncodedFrame) -> int:
        """Position of a frame, in samples from the start.

        One that claims a time which was filled with silence long ago comes from a
        sender that stopped counting: it belongs to now.
        """
        pause = self._pauses.hear(len(frame.data))
        position = self.clock.place(frame.pts, frame.wall, pause)
        delay = self.clock.arrival(frame.wall) - position
        if self.laid - position >= OPUS_FRAME and delay > OPUS_RATE:
            return self.clock.anchor(frame.pts, frame.wall)
        return position
