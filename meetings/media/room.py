import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from meetings.media.clock import RoomClock, wall_now
from meetings.media.config import MediaConfig
from meetings.media.egress.recorder import RecorderEvents, TrackRecorder
from meetings.media.errors import (
    MediaError,
    RoomClosed,
    RoomFull,
    SessionNotFound,
)
from meetings.media.events import (
    Interrupted,
    Joined,
    Left,
    RecordedChanged,
    RecordingFailed,
    Resumed,
    RoomEvent,
    Seat,
    SeatsChanged,
    SegmentClosed,
    SegmentOpened,
    SoundBegan,
    SoundEnded,
    TrackPublished,
    TrackUnpublished,
)
from meetings.media.participant import Member
from meetings.media.pcm import PCMChunk
from meetings.media.peer import PeerConnection, read_offer
from meetings.media.track import TrackRemote

logger = logging.getLogger(__name__)

Listener = Callable[[RoomEvent], None]
PCMSink = Callable[[str, PCMChunk], None]  # participant id, chunk

TICK = 0.2  # s between looks at who has fallen silent


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


@dataclass(eq=False)
class Waiting:
    """Somebody at the door, with what was decided about them since they came there."""

    participant_id: str
    recorded: bool
    removed: bool = False


class _About(TypedDict):
    room_id: str
    participant_id: str
    at_ms: int


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
        self._record_dir = record_dir
        self._listeners: list[Listener] = []
        self._pcm_sinks: list[PCMSink] = []
        self._background: set[asyncio.Task[None]] = set()
        self._door = asyncio.Lock()  # one person through at a time
        self._waiting: list[Waiting] = []
        self._closed = False
        self._watcher = asyncio.ensure_future(self._watch())

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every event on the media thread; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def on_pcm(self, sink: PCMSink) -> Callable[[], None]:
        """Hear the recorded people's sound, each on a thread of their own."""
        self._pcm_sinks.append(sink)
        return lambda: self._pcm_sinks.remove(sink)

    async def join(
        self, participant_id: str, label: str, offer_sdp: str, *, recorded: bool
    ) -> Answer:
        """Bring a browser in; a known `participant_id` replaces its old connection.

        Raises RoomFull, RoomClosed, SessionNotFound when they were put out meanwhile,
        OfferTooLarge, BadOffer, UnsupportedCodec.
        """
        read_offer(offer_sdp, self._config)  # a bad one must not cost the old session
        waiting = Waiting(participant_id, recorded)
        self._waiting.append(waiting)
        try:
            async with self._door:
                previous = self.participants.get(participant_id)
                person = self._let_in(waiting, label)
                if previous is not None:
                    self._spawn(previous.disconnect())  # no slow disk holds the door
                sdp = await self._connect(person, offer_sdp)
        finally:
            self._waiting.remove(waiting)
        self._announce(person, rejoined=previous is not None)
        return self._answer(person, sdp)

    async def renegotiate(self, session_id: str, offer_sdp: str) -> Answer:
        """Answer a new offer on a live connection.

        Raises SessionNotFound, RoomClosed, BadOffer.
        """
        person = self._session(session_id)
        sdp = await self._negotiate(person, offer_sdp)
        self._reseat()
        return self._answer(person, sdp)

    async def leave(self, session_id: str, reason: str = "left") -> None:
        """End one connection; an unknown or replaced session is no error."""
        for person in self.participants.values():
            if person.session_id == session_id:
                return await self._part(person, reason)

    async def remove(self, participant_id: str, reason: str = "removed") -> None:
        """Put a person out, whatever connection they are on, also from the door."""
        for waiting in self._at_door(participant_id):
            waiting.removed = True
        if person := self.participants.get(participant_id):
            await self._part(person, reason)

    async def set_recorded(self, participant_id: str, recorded: bool) -> None:
        """Start or stop writing and decoding a person; forwarding goes on."""
        for waiting in self._at_door(participant_id):
            waiting.recorded = recorded
        person = self.participants.get(participant_id)
        if person is None or person.recorded == recorded:
            return
        person.recorded = recorded
        if recorded:
            person.start_recording(self._recorder_for)
        else:
            await person.stop_recording()
        if self._is_here(person) and person.recorded == recorded:
            self._tell(RecordedChanged(**self._about(person), recorded=recorded))

    async def close(self, reason: str = "server_stopped") -> None:
        """Everybody out, all segments closed; nobody comes in any more."""
        self._closed = True
        self._watcher.cancel()
        await asyncio.gather(*(self.remove(id, reason) for id in self.participants))
        await asyncio.gather(*self._background, return_exceptions=True)

    def stats(self) -> dict[str, int]:
        """People, and packets lost and late on the way in."""
        tracks = [t for p in self.participants.values() for t in p.peer.tracks.values()]
        return {
            "participants": len(self.participants),
            "packets_lost": sum(track.buffer.lost for track in tracks),
            "packets_late": sum(track.buffer.late for track in tracks),
        }

    # -- coming in

    def _at_door(self, participant_id: str) -> list[Waiting]:
        return [w for w in self._waiting if w.participant_id == participant_id]

    def _let_in(self, waiting: Waiting, label: str) -> Member:
        """Take somebody in from the door, as things stand now."""
        id, limit = waiting.participant_id, self._config.max_participants
        if self._closed:
            raise RoomClosed(self.id)
        if waiting.removed:
            raise SessionNotFound(id)
        if id not in self.participants and len(self.participants) >= limit:
            raise RoomFull(limit)
        person = self._make(id, label, waiting.recorded)
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

    def _make(self, id: str, label: str, recorded: bool) -> Member:
        session_id = secrets.token_hex(16)
        peer = PeerConnection(
            self._config,
            on_track=lambda track: self._take_track(person, track),
            on_lost=lambda: self._lose(person),
        )
        person = Member(id, label, recorded, session_id, peer)
        return person

    async def _connect(self, person: Member, offer_sdp: str) -> str:
        try:
            return await self._negotiate(person, offer_sdp)
        except BaseException:
            self._spawn(self._part(person, "not_connected"))
            raise

    async def _negotiate(self, person: Member, offer_sdp: str) -> str:
        try:
            sdp = await person.peer.answer(offer_sdp)
        except MediaError:
            self._must_be_here(person)  # if not, that is why it failed
            raise
        self._must_be_here(person)
        return sdp

    async def _part(self, person: Member, reason: str) -> None:
        if not self._is_here(person):  # put out while on the way in
            return await person.disconnect()
        del self.participants[person.id]
        self._reseat()
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
        self._reseat()

    def _take_track(self, person: Member, track: TrackRemote) -> None:
        if person.recorded and self._is_here(person):
            person.start_recording(self._recorder_for)

    def _answer(self, person: Member, sdp: str) -> Answer:
        return Answer(person.session_id, sdp, person.seats, self._wanted())

    def _session(self, session_id: str) -> Member:
        for person in self.participants.values():
            if person.session_id == session_id:
                return person
        raise SessionNotFound(session_id)

    # -- seats

    def _wanted(self) -> int:
        return len(self.participants) - 1

    def _reseat(self) -> None:
        for viewer in self.participants.values():
            others = {id: p for id, p in self.participants.items() if p is not viewer}
            seats = viewer.seating.assign(others, viewer.peer.seats)
            short = len(others) > len(viewer.peer.seats)
            if seats != viewer.seats or short:
                viewer.seats = seats
                self._tell(
                    SeatsChanged(
                        **self._about(viewer),
                        session_id=viewer.session_id,
                        seats=seats,
                        wanted=self._wanted(),
                    )
                )

    # -- recording

    def _recorder_for(self, person: Member, track: TrackRemote) -> TrackRecorder:
        def failed(code: str, detail: str) -> None:
            self._tell(RecordingFailed(**self._about(person), code=code, detail=detail))

        events = RecorderEvents(
            opened=lambda s: self._tell(
                SegmentOpened(**self._about(person), segment=s)
            ),
            closed=lambda s: self._tell(
                SegmentClosed(**self._about(person), segment=s)
            ),
            failed=failed,
            began=lambda: self._tell(SoundBegan(**self._about(person))),
            ended=lambda: self._tell(SoundEnded(**self._about(person))),
            pcm=lambda chunk: self._hand_pcm(person.id, chunk),
        )
        return TrackRecorder(
            self._record_dir,
            person.id,
            track,
            self.clock,
            events,
            self._config.leave_timeout,
        )

    def _hand_pcm(self, participant_id: str, chunk: PCMChunk) -> None:
        for sink in list(self._pcm_sinks):
            sink(participant_id, chunk)

    # -- watching

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self._look(wall_now())
            except Exception:
                logger.exception("room %s: the watch stumbled", self.id)

    def _look(self, now: float) -> None:
        changed = False
        for person in list(self.participants.values()):
            self._follow_state(person, now)
            changed |= self._follow_tracks(person, now)
            person.thaw_frozen(now, self._config.video_freeze)
            for recorder in person.recorders.values():
                recorder.tick(now)
        if changed:
            self._reseat()

    def _follow_state(self, person: Member, now: float) -> None:
        silence = person.silent_for(now)
        joining = person.state == "joining"
        config = self._config
        if silence > (config.connect_timeout if joining else config.leave_timeout):
            self._spawn(self.leave(person.session_id, "timeout"))
        elif joining and person.live_sources(now):
            person.state = "live"
        elif person.state == "live" and silence > self._config.rtp_timeout:
            self._interrupt(person)
        elif person.state == "interrupted" and silence < TICK * 2:
            self._resume(person)

    def _follow_tracks(self, person: Member, now: float) -> bool:
        live = person.live_sources(now)
        before, person.published = person.published, live
        for source in live - before:
            kind = person.peer.tracks[source].kind
            about = self._about(person)
            self._tell(TrackPublished(**about, kind=kind, source=source))
        for source in before - live:
            kind = person.peer.tracks[source].kind
            about = self._about(person)
            self._tell(TrackUnpublished(**about, kind=kind, source=source))
        return live != before

    def _lose(self, person: Member) -> None:
        if self._is_here(person):
            person.lost_at = wall_now()
            self._interrupt(person)

    def _resume(self, person: Member) -> None:
        if person.lost_at is None:  # else only a new connection brings them back
            person.state = "live"
            self._tell(Resumed(**self._about(person)))

    def _interrupt(self, person: Member) -> None:
        if person.state != "interrupted":
            person.state = "interrupted"
            self._tell(Interrupted(**self._about(person)))

    # -- telling

    def _about(self, person: Member) -> _About:
        at_ms = self.clock.at(wall_now())
        return {"room_id": self.id, "participant_id": person.id, "at_ms": at_ms}

    def _tell(self, event: RoomEvent) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                logger.exception("a listener of room %s failed", self.id)

    def _spawn(self, coro: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coro)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
