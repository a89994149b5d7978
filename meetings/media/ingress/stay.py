import asyncio
import time

from meetings.media.clock import wall_now
from meetings.media.errors import RoomClosed, SessionNotFound
from meetings.media.ingress.demux import OpusPacket
from meetings.media.ingress.playout import Playout
from meetings.media.injected import InjectedTrack
from meetings.media.packets import OPUS_RATE, EncodedFrame, opus_samples
from meetings.media.room import Publication, Room

SHORTEST_PAUSE = 10  # packets, 0.2 s: what is left of a longer one in a hurry
PLENTY = 25  # packets, 0.5 s, that wait: fewer, and it is the source that is slow


class StayOver(Exception):
    """The room does not want the source any more, or is no more."""


class Stay:
    """A source's place in a room: taken with its first sound, and taken again when the
    room let go of it because nothing came for long."""

    def __init__(
        self, id: str, label: str, recorded: bool, room: Room, cushion: float
    ) -> None:
        self._who = (id, label)
        self._recorded = recorded
        self._room = room
        self._playout = Playout(cushion)
        self._pause = 0  # quiet packets in a row
        self._track = InjectedTrack()
        self._publication: Publication | None = None

    async def play(self, packet: OpusPacket, waiting: int) -> None:
        """Hand on one packet when its time has come; so many others wait already.

        After a stall the sound is behind: pauses are shortened until it is not. Raises
        StayOver, RoomFull.
        """
        samples = opus_samples(packet.data)
        self._pause = self._pause + 1 if packet.quiet else 0
        lags = self._playout.behind >= samples and waiting > PLENTY
        if lags and self._pause > SHORTEST_PAUSE:
            return self._playout.skip(packet.pts, samples)
        due, position = self._playout.place(packet.pts, samples, time.monotonic())
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await self._be_there()
        wall = wall_now() - (time.monotonic() - due)
        self._track.push(
            EncodedFrame("audio", "opus", packet.data, position, OPUS_RATE, True, wall)
        )

    def renew(self) -> None:
        """Another stream follows, with a count of its own."""
        self._playout.renew()

    async def leave(self) -> None:
        if self._publication is not None:
            await self._publication.leave()

    async def _be_there(self) -> None:
        if self._publication is not None:
            if not (over := self._publication.over):
                return
            if over != "timeout":
                raise StayOver()
        self._track = InjectedTrack()
        try:
            self._publication = await self._room.publish(
                *self._who, self._track, recorded=self._recorded
            )
        except (RoomClosed, SessionNotFound) as error:
            raise StayOver() from error
