import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meetings.media.clock import RoomClock, wall_now
from meetings.media.config import MediaConfig
from meetings.media.doorway import Doorway, Waiting
from meetings.media.errors import (
    MediaError,
    RoomClosed,
    RoomFull,
    SessionNotFound,
)
from meetings.media.events import (
    Joined,
    Left,
    MutedChanged,
    RecordedChanged,
    Resumed,
    Seat,
)
from meetings.media.injected import InjectedTrack, Injection
from meetings.media.participant import Member
from meetings.media.peer import PeerConnection, read_offer
from meetings.media.recording import PCMSink, RoomRecording
from meetings.media.round_trip import RoundTrips
from meetings.media.stage import Stage
from meetings.media.telling import Announcer, Listener
from meetings.media.track import MediaTrack
from meetings.media.viewers import Viewers
from meetings.media.watch import Watch


@dataclass(frozen=True)
class Answer:
    """The server's side of one negotiation.

    `seats`: mid of a receiving transceiver -> whose it is; `wanted`: pairs of receiving
    transceivers (one audio, one video) the browser should have.
    """

    session_id: str
    sdp: str
    seats: dict[str, Seat]
    wanted: int


class Publication:
    """Somebody's stay in a room who is no browser."""

    def __init__(self, room: "Room", person: Member) -> None:
        self._room = room
        self._person = person

    @property
    def over(self) -> str:
        """Why the stay has ended, if so: as in `Left`, or replaced."""
        if self._room.participants.get(self._person.id) is self._person:
            return ""
        return self._person.left_because or "replaced"

    async def leave(self, reason: str = "left") -> None:
        """End it, on the media loop; returns when the disk has the file."""
        await self._room.leave(self._person.session_id, reason)


class Room:
    """The people of one meeting and their media; lives on the media loop.

    All methods run on that loop: `await loop.call(room.join(...))` from elsewhere.
    `record_dir` gets one Ogg file per segment and `manifest.jsonl`.
    """

    def __init__(
        self, id: str, config: MediaConfig, record_dir: Path, clock: RoomClock
    ) -> None:
        self.id = id
        self.clock = clock
        self.participants: dict[str, Member] = {}
        self._config = config
        self._telling = Announcer(id, clock)
        self._tell, self._about = self._telling.tell, self._telling.about
        self._recording = RoomRecording(record_dir, clock, config, self._telling)
        self._recorder_for = self._recording.recorder_for
        self._round_trips = RoundTrips(
            self.participants, self._about, self._recording.note
        )
        self._background: set[asyncio.Task[None]] = set()
        self._door = Doorway()
        self._stage = Stage(self.participants, self._telling, self._follow_sharer)
        self._closed = False
        self.viewers = Viewers(self, config)
        self._watch = Watch(
            config,
            self.participants,
            self._telling,
            reseat=self._stage.reseat,
            part=lambda person: self._spawn(self.leave(person.session_id, "timeout")),
        )

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every event on the media thread; call the result to stop."""
        return self._telling.listen(listener)

    def on_pcm(self, sink: PCMSink) -> Callable[[], None]:
        """Hear the recorded people's sound, each on a thread of their own."""
        return self._recording.on_pcm(sink)

    def on_shared_pcm(self, sink: PCMSink) -> Callable[[], None]:
        """Hear what the tabs play that recorded people share, in the same way."""
        return self._recording.on_shared_pcm(sink)

    async def join(
        self,
        participant_id: str,
        label: str,
        offer_sdp: str,
        *,
        recorded: bool,
        video: bool = False,
    ) -> Answer:
        """Bring a browser in; a known `participant_id` replaces its old connection.

        `recorded`: their sound is written and heard; `video`: their pictures are
        written, too.

        Raises RoomFull, RoomClosed, SessionNotFound when they were put out meanwhile,
        OfferTooLarge, BadOffer, UnsupportedCodec.
        """
        read_offer(offer_sdp, self._config)  # a bad one must not cost the old session
        async with self._door.through(participant_id, recorded, video) as waiting:
            previous = self.participants.get(participant_id)
            person = self._let_in(waiting, label)
            if previous is not None:
                self._spawn(previous.disconnect())  # no slow disk holds the door
            sdp = await self._connect(person, offer_sdp)
        self._announce(person, rejoined=previous is not None)
        return self._answer(person, sdp)

    async def publish(
        self,
        participant_id: str,
        label: str,
        *tracks: InjectedTrack,
        recorded: bool = True,
    ) -> Publication:
        """Bring somebody in whose frames are handed to `tracks`.

        They are forwarded, recorded and decoded like those of a browser, and leave
        like one that sends nothing for `leave_timeout`. A known `participant_id` is
        replaced. Raises RoomFull, RoomClosed, SessionNotFound.
        """
        async with self._door.through(participant_id, recorded) as waiting:
            previous = self.participants.get(participant_id)
            person = self._let_in(waiting, label, Injection(tracks))
            if previous is not None:
                self._spawn(previous.disconnect())
        self._announce(person, rejoined=previous is not None)
        for track in tracks:
            self._take_track(person, track)
        return Publication(self, person)

    async def renegotiate(
        self, session_id: str, offer_sdp: str, sources: Mapping[str, str] | None = None
    ) -> Answer:
        """Answer a new offer on a live connection; `sources` as in PeerConnection.

        Raises SessionNotFound, RoomClosed, BadOffer.
        """
        person = self._session(session_id)
        sdp = await self._negotiate(person, offer_sdp, sources)
        self._stage.reseat()
        return self._answer(person, sdp)

    async def leave(self, session_id: str, reason: str = "left") -> None:
        """End one connection; an unknown or replaced session is no error."""
        for person in self.participants.values():
            if person.session_id == session_id:
                return await self._part(person, reason)

    async def remove(self, participant_id: str, reason: str = "removed") -> None:
        """Put a person out, whatever connection they are on, also from the door."""
        self._door.remove(participant_id)
        if person := self.participants.get(participant_id):
            await self._part(person, reason)

    def connection(self, session_id: str) -> PeerConnection:
        """Of a session, whether it publishes or plays. Raises SessionNotFound."""
        viewer = self.viewers.find(session_id)
        peer = viewer.peer if viewer else self._session(session_id).peer
        if not isinstance(peer, PeerConnection):  # frames are handed in
            raise SessionNotFound(session_id)
        return peer

    async def set_recorded(
        self, participant_id: str, recorded: bool, video: bool = False
    ) -> None:
        """Start or stop writing and decoding a person; forwarding goes on."""
        self._door.set_recorded(participant_id, recorded, video)
        person = self.participants.get(participant_id)
        if person is None or (person.recorded, person.video) == (recorded, video):
            return
        person.recorded, person.video = recorded, video
        person.start_recording(self._recorder_for)
        await person.stop_recording(everything=False)
        if self._is_here(person) and (person.recorded, person.video) == (
            recorded,
            video,
        ):
            about = self._about(person)
            self._tell(RecordedChanged(**about, recorded=recorded, video=video))

    async def share(self, participant_id: str, instead_of: str = "") -> str:
        """Make the room's one screen that of a person; returns whose it is then.

        Nobody gives it up but to somebody who knows whom they take it from
        (`instead_of`). It ends with the connection. Raises SessionNotFound.
        """
        person = self.participants.get(participant_id)
        if person is None:
            raise SessionNotFound(participant_id)
        self._stage.share(person, instead_of)
        return self._stage.shown

    async def unshare(self, participant_id: str) -> None:
        """Take a person's screen away; one that is not shared is no error."""
        if person := self.participants.get(participant_id):
            self._stage.unshare(person)

    async def close(self, reason: str = "server_stopped") -> None:
        """Everybody out, all segments closed; nobody comes in any more."""
        self._closed = True
        self._watch.stop()
        self._round_trips.stop()
        await self.viewers.close()
        await asyncio.gather(*(self.remove(id, reason) for id in self.participants))
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._recording.close()

    def note_muted(self, participant_id: str, muted: bool) -> None:
        """Somebody's browser says that they muted themselves, or not any more."""
        if person := self.participants.get(participant_id):
            self._tell(MutedChanged(**self._about(person), muted=muted))

    def stats(self) -> dict[str, int]:
        """People, and packets lost and late on the way in."""
        tracks = [t for p in self.participants.values() for t in p.peer.tracks.values()]
        return {
            "participants": len(self.participants),
            "packets_lost": sum(track.buffer.lost for track in tracks),
            "packets_late": sum(track.buffer.late for track in tracks),
        }

    # -- coming in

    def _let_in(
        self, waiting: Waiting, label: str, injection: Injection | None = None
    ) -> Member:
        """Take somebody in from the door, as things stand now."""
        id, limit = waiting.participant_id, self._config.max_participants
        if self._closed:
            raise RoomClosed(self.id)
        if waiting.removed:
            raise SessionNotFound(id)
        if id not in self.participants and len(self.participants) >= limit:
            raise RoomFull(limit)
        person = self._make(label, waiting, injection)
        self.participants[id] = person
        return person

    def _is_here(self, person: Member) -> bool:
        return self.participants.get(person.id) is person

    def _must_be_here(self, person: Member) -> None:
        """Whoever waited may have been put out, replaced, or shut out meanwhile."""
        if self._closed:
            raise RoomClosed(self.id)
        if not self._is_here(person):
            raise SessionNotFound(person.session_id)

    def _make(
        self, label: str, waiting: Waiting, injection: Injection | None
    ) -> Member:
        id, session_id = waiting.participant_id, secrets.token_hex(16)
        peer = injection or PeerConnection(
            self._config,
            on_track=lambda track: self._take_track(person, track),
            on_lost=lambda: self._lose(person),
        )
        person = Member(id, label, waiting.recorded, session_id, peer, waiting.video)
        return person

    async def _connect(self, person: Member, offer_sdp: str) -> str:
        try:
            return await self._negotiate(person, offer_sdp)
        except BaseException:
            self._spawn(self._part(person, "not_connected"))
            raise

    async def _negotiate(
        self, person: Member, offer_sdp: str, sources: Mapping[str, str] | None = None
    ) -> str:
        try:
            sdp = await person.peer.answer(offer_sdp, sources)
        except MediaError:
            self._must_be_here(person)  # if not, that is why it failed
            raise
        self._must_be_here(person)
        return sdp

    async def _part(self, person: Member, reason: str) -> None:
        if not self._is_here(person):  # put out while on the way in
            return await person.disconnect()
        del self.participants[person.id]
        person.left_because = reason
        self._stage.reseat()
        await person.disconnect()
        self._tell(Left(**self._about(person), reason=reason))

    def _announce(self, person: Member, rejoined: bool) -> None:
        if rejoined:
            self._tell(Resumed(**self._about(person)))
        else:
            self._tell(
                Joined(
                    **self._about(person),
                    label=person.label,
                    recorded=person.recorded,
                    session_id=person.session_id,
                )
            )
        self._stage.reseat()

    def _take_track(self, person: Member, track: MediaTrack) -> None:
        if self._is_here(person):
            person.start_recording(self._recorder_for)

    def _answer(self, person: Member, sdp: str) -> Answer:
        wanted = len(self._stage.seen_by(person))
        return Answer(person.session_id, sdp, person.seats, wanted)

    def _session(self, session_id: str) -> Member:
        for person in self.participants.values():
            if person.session_id == session_id:
                return person
        raise SessionNotFound(session_id)

    def _follow_sharer(self) -> None:
        """What of a screen is recorded goes with who shares it."""
        for person in self.participants.values():
            person.start_recording(self._recorder_for)
            self._spawn(person.stop_recording(everything=False))

    def _lose(self, person: Member) -> None:
        if self._is_here(person):
            person.lost_at = wall_now()
            self._watch.interrupt(person)

    def _spawn(self, coro: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coro)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
