import asyncio
import secrets
from collections.abc import Callable, Coroutine
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from meetings.media.config import MediaConfig
from meetings.media.errors import RoomClosed, RoomFull
from meetings.media.events import Kind, RoomEvent
from meetings.media.participant import Member
from meetings.media.peer import PeerConnection

if TYPE_CHECKING:
    from meetings.media.room import Room

KINDS: tuple[Kind, ...] = ("audio", "video")


class Playback:
    """A player that receives a room, or one person of it, and is nobody in it.

    It gets only people who agreed to be recorded: what a player gets may be kept.
    """

    def __init__(self, room: "Room", peer: PeerConnection, whom: str | None) -> None:
        self.session_id = secrets.token_hex(16)
        self.peer = peer
        self._room = room
        self._whom = whom

    def look(self) -> None:
        """Carry whom there is to play: the first of them on the first section of each
        kind, and so on; who finds no section is not played."""
        people = [p for p in self._room.participants.values() if self._may_play(p)]
        for kind in KINDS:
            tracks = [person.track(kind) for person in people]
            locals_ = self.peer.locals(kind)
            for local, track in zip_longest(locals_, tracks[: len(locals_)]):
                local.attach(track)

    def _may_play(self, person: Member) -> bool:
        return person.recorded and self._whom in (None, person.id)


class Viewers:
    """Who plays a room; lives on the media loop, as the room does."""

    def __init__(self, room: "Room", config: MediaConfig) -> None:
        self._room = room
        self._config = config
        self._viewers: dict[str, Playback] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False
        self.changed: Callable[[], None] = lambda: None  # one came or went
        room.listen(self._look)

    def __len__(self) -> int:
        return len(self._viewers)

    def find(self, session_id: str) -> Playback | None:
        return self._viewers.get(session_id)

    async def watch(self, offer_sdp: str, whom: str | None = None) -> tuple[str, str]:
        """Play the room, or the participant `whom`; returns session id and answer.

        `whom` need not be there yet. A player that does not connect is let go after
        `connect_timeout`. Raises RoomClosed, RoomFull, BadOffer, UnsupportedCodec.
        """
        if self._closed:
            raise RoomClosed(self._room.id)
        if len(self._viewers) >= self._config.max_viewers:
            raise RoomFull(self._config.max_viewers)
        viewer = self._make(whom)
        self._viewers[viewer.session_id] = viewer
        try:
            sdp = await viewer.peer.answer(offer_sdp)
        except BaseException:
            self._spawn(self.leave(viewer.session_id))
            raise
        viewer.look()
        self.changed()
        wait = self._config.connect_timeout
        asyncio.get_running_loop().call_later(wait, self._expect, viewer)
        return viewer.session_id, sdp

    async def leave(self, session_id: str) -> None:
        """End one; an unknown session is no error."""
        if viewer := self._viewers.pop(session_id, None):
            self.changed()
            await viewer.peer.close()

    async def close(self) -> None:
        """End all; nobody plays the room any more."""
        self._closed = True
        await asyncio.gather(*(self.leave(id) for id in list(self._viewers)))
        await asyncio.gather(*self._background, return_exceptions=True)

    def _make(self, whom: str | None) -> Playback:
        peer = PeerConnection(
            self._config, on_track=lambda track: None, on_lost=lambda: self._lose(peer)
        )
        return Playback(self._room, peer, whom)

    def _lose(self, peer: PeerConnection) -> None:
        for viewer in self._viewers.values():
            if viewer.peer is peer:
                self._spawn(self.leave(viewer.session_id))

    def _look(self, event: RoomEvent) -> None:
        for viewer in self._viewers.values():
            viewer.look()

    def _expect(self, viewer: Playback) -> None:
        if not viewer.peer.connected:
            self._spawn(self.leave(viewer.session_id))

    def _spawn(self, coro: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coro)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
