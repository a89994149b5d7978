"""Stand-ins with dials: a browser made of aiortc, what it sends, a disk."""

import asyncio
import errno
import random
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from aioice import stun
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    rtcrtpreceiver,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from meetings.media import aiortc_compat
from meetings.media.aiortc_compat import codecs
from meetings.media.h264 import START, nal_units
from meetings.media.ingress.base import IngressState
from meetings.media.packets import OPUS_FRAME, OPUS_RATE
from meetings.media.pictures import PICTURES
from meetings.media.writers import OggOpusWriter

Send = Callable[[bytes], Awaitable[None]]


def opus_tone(hertz: float, seconds: float, rms: int = 8_000) -> list[bytes]:
    """A tone as Opus packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = OPUS_RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = 32_000
    t = np.arange(round(seconds * OPUS_RATE)) / OPUS_RATE
    samples = (rms * np.sqrt(2) * np.sin(2 * np.pi * hertz * t)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
    frame.sample_rate = OPUS_RATE
    packets = [bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]]
    return packets[: round(seconds * 50)]


def packed(packets: list[tuple[int, bytes]]) -> bytes:
    """A slice of kept sound, as a browser hands it in: (ms, packet)."""
    return b"".join(struct.pack(">IH", at, len(data)) + data for at, data in packets)


def kept_tone(start_ms: int, seconds: float, hertz: float = 440) -> bytes:
    """A slice with a tone from this time on."""
    packets = opus_tone(hertz, seconds)
    return packed([(start_ms + 20 * n, data) for n, data in enumerate(packets)])


def vp8_pictures(count: int) -> list[bytes]:
    """Small VP8 frames, the first a key frame."""
    return vp8_of([n * 5 % 256 for n in range(count)])


def vp8_of(greys: Sequence[int]) -> list[bytes]:
    """Small VP8 frames, each of one grey."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base = Fraction(1, 20)
    encoder.options = {"deadline": "realtime", "g": "1000", "lag-in-frames": "0"}
    pictures = []
    for n, grey in enumerate(greys):
        frame = av.VideoFrame(64, 48, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([grey]) * plane.buffer_size)
        frame.pts = n
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    return pictures


def h264_pictures(
    count: int, profile: str = "baseline", size: tuple[int, int] = (64, 48)
) -> list[bytes]:
    """Small H.264 frames as they come out of RTP, the first a key frame."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 20)
    said = "repeat-headers=1:keyint=1000"
    encoder.options = {"profile": profile, "tune": "zerolatency", "x264-params": said}
    pictures = []
    for n in range(count):
        frame = av.VideoFrame(*size, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([n * 5 % 256]) * plane.buffer_size)
        frame.pts = n
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    return [b"".join(START + unit for unit in nal_units(data)) for data in pictures]


class FlakyDatabase:
    """The database, whose statements that begin with ``text`` fail now and then, in
    every thread.

    Dial: `failures`, how many of the next ones fail.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.failures = 0

    def __enter__(self) -> "FlakyDatabase":
        connection_created.connect(self._watch)
        self._watch(connection=connection)
        return self

    def __exit__(self, *exc_info: object) -> None:
        connection_created.disconnect(self._watch)
        connection.execute_wrappers.clear()

    def _watch(self, connection: Any, **kwargs: Any) -> None:
        if self._execute not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._execute)

    def _execute(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self.failures and sql.startswith(self.text):
            self.failures -= 1
            raise OperationalError("the database system is shutting down")
        return execute(sql, *rest)


class FakeTrack(MediaStreamTrack):
    """Sends prepared packets in real time, round and round.

    Dials: `paused` (nothing goes out, time runs on), `frozen` (nothing goes out and
    the sender's count stands still).
    """

    def __init__(self, kind: str, packets: list[bytes], step: int, rate: int) -> None:
        self.kind = kind
        super().__init__()
        self.paused = False
        self.frozen = False
        self.sent = 0
        self._packets = packets
        self._step = step
        self._rate = rate
        self._pts = 0
        self._next = 0
        self._due = time.monotonic()

    @classmethod
    def tone(cls, hertz: float) -> "FakeTrack":
        return cls("audio", opus_tone(hertz, 2.0), OPUS_FRAME, OPUS_RATE)

    @classmethod
    def pictures(cls, codec: str = "vp8") -> "FakeTrack":
        of = {"vp8": vp8_pictures, "h264": h264_pictures}[codec]
        return cls("video", of(200), 4_500, 90_000)

    def restart(self) -> None:
        """Send the key frame next."""
        self._next = 0

    async def recv(self) -> Any:
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            self._due += self._step / self._rate
            await asyncio.sleep(max(0.0, self._due - time.monotonic()))
            if not self.frozen:
                self._pts += self._step
            if not (self.paused or self.frozen):
                return self._packet()

    def _packet(self) -> Any:
        packet = av.Packet(self._packets[self._next % len(self._packets)])
        packet.pts = packet.dts = self._pts
        packet.time_base = Fraction(1, self._rate)
        self._next += 1
        self.sent += 1
        return packet


def _is_media(data: bytes) -> bool:
    """Whether a datagram is RTP, not RTCP, STUN or DTLS (RFC 7983, RFC 5761)."""
    return 127 < data[0] < 192 and not 63 < data[1] & 0x7F < 96


class Undecoded:
    """Stands where aiortc keeps a decoder and hands encoded packets on as they are."""

    def __init__(self, codec: Any) -> None:
        self._time_base = Fraction(1, codec.clockRate)
        self._codec = PICTURES.get(codec.name.lower())

    def decode(self, frame: Any) -> list[Any]:
        packet = av.Packet(frame.data)
        packet.pts = packet.dts = frame.timestamp
        packet.time_base = self._time_base
        packet.is_keyframe = not self._codec or self._codec.is_keyframe(frame.data)
        return [packet]


def receive_encoded() -> None:
    """Make aiortc's own receivers in this process deliver encoded packets."""
    rtcrtpreceiver.get_decoder = Undecoded  # type: ignore


class FakeBrowser:
    """A browser's side of docs/signalling.md.

    Dials: `loss`, the share of RTP packets dropped on the way to the server; `jitter`,
    s by which each is late at most, so that they overtake one another; `swapped`, the
    share that arrives after the one behind it; `delay`, s that everything takes to the
    server; `deaf`: what others say is thrown away unread, which spares most of what a
    call costs its callers; `slow_answers`, s by which its answers to STUN are late;
    `codec` of its camera, and those it `reads`; the
    tracks' own. What arrives is in `received`: mid ->
    encoded packets; what the microphone sent and was not lost in `let_through`, in its
    order.
    """

    def __init__(
        self,
        hertz: float = 440,
        camera: bool = False,
        seats: int = 3,
        loss: float = 0,
        jitter: float = 0,
        microphone: bool = True,
        swapped: float = 0,
        deaf: bool = False,
        delay: float = 0,
        slow_answers: float = 0,
        codec: str = "vp8",
        reads: Sequence[str] = ("vp8", "h264"),
    ) -> None:
        receive_encoded()
        aiortc_compat.wait_for_consent()
        self.deaf = deaf
        self.slow_answers = slow_answers
        self.swapped = swapped
        self.reads = reads
        self.let_through: list[bytes] = []
        self.microphone = FakeTrack.tone(hertz)
        self.camera = FakeTrack.pictures(codec) if camera else None
        self.loss, self.jitter, self.delay = loss, jitter, delay
        self._late: set[asyncio.Task[None]] = set()
        self.keyframe_requests: list[float] = []
        self.received: dict[str, list[Any]] = {}
        self._shared: dict[str, Any] = {}
        self._random = random.Random(7)
        self._readers: list[asyncio.Task[None]] = []
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.pc.on("track", self._read_track)
        if microphone:
            self._audio = self.pc.addTransceiver(self.microphone, "sendonly")
        self._video = self.pc.addTransceiver(self.camera or "video", "sendonly")
        if codec != "vp8":
            codecs.prefer(self._video, [codec])
        aiortc_compat.on_keyframe_request(self._video.sender, self._keyframe)
        self.add_seats(seats)

    def add_seats(self, count: int) -> None:
        for _ in range(count):
            self.pc.addTransceiver("audio", "recvonly")
            codecs.prefer(self.pc.addTransceiver("video", "recvonly"), self.reads)

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp: str = self.pc.localDescription.sdp
        return sdp

    async def accept(self, answer_sdp: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))
        self._lose_packets()
        if self.deaf:
            self._hear_nothing()

    def answer_late(self) -> None:
        """From now on: before, nobody would get in."""
        ice: Any = self._video.sender.transport.transport._connection
        for protocol in ice._protocols:
            protocol.send_stun = self._late_answers(protocol.send_stun)

    def _late_answers(self, send: Callable[..., None]) -> Callable[..., None]:
        loop = asyncio.get_running_loop()

        def late(message: Any, address: Any) -> None:
            if message.message_class == stun.Class.RESPONSE:
                loop.call_later(self.slow_answers, send, message, address)
            else:
                send(message, address)

        return late

    def share(self, tab: bool = False) -> None:
        """Send a screen from the next offer on."""
        self.screen = FakeTrack.pictures()
        tracks = [("screen", self.screen)]
        if tab:
            self.tab = FakeTrack.tone(1_200)
            tracks.append(("tab", self.tab))
        self._shared = {
            source: self.pc.addTransceiver(track, "sendonly")
            for source, track in tracks
        }
        sender = self._shared["screen"].sender
        aiortc_compat.on_keyframe_request(sender, self.screen.restart)

    @property
    def sources(self) -> dict[str, str]:
        """mid -> source of what is shared, after the offer."""
        return {str(shared.mid): name for name, shared in self._shared.items()}

    def mid(self, track_kind: str, seat: int) -> str:
        receivers = [t for t in self.pc.getTransceivers() if t.direction == "recvonly"]
        return str([t for t in receivers if t.kind == track_kind][seat].mid)

    async def close(self) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, *self._late, return_exceptions=True)
        await self.pc.close()

    def _keyframe(self) -> None:
        self.keyframe_requests.append(time.monotonic())
        if self.camera is not None:
            self.camera.restart()

    def _read_track(self, track: MediaStreamTrack) -> None:
        self._readers.append(asyncio.ensure_future(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        mids = {t.receiver.track: t.mid for t in self.pc.getTransceivers()}
        packets = self.received.setdefault(str(mids[track]), [])
        try:
            while True:
                packets.append(await track.recv())
        except MediaStreamError:
            pass

    def _hear_nothing(self) -> None:
        """Drop RTP before anybody decrypts it."""
        ice: Any = self._video.sender.transport.transport
        receive = ice._recv

        async def unheard() -> bytes:
            while _is_media(data := await receive()):
                pass
            return bytes(data)

        ice._recv = unheard

    def _lose_packets(self) -> None:
        transport = self._video.sender.transport
        send = self._delayed(transport._send_rtp)

        held: list[bytes] = []

        async def lossy(data: bytes) -> None:
            if not _is_media(data):
                return await send(data)
            if self._random.random() < self.loss:
                return
            self._note(data)
            if self.jitter:
                return self._later(self._random.random() * self.jitter, send, data)
            if not held and self._random.random() < self.swapped:
                return held.append(data)
            for one in (data, *held):
                await send(one)
            held.clear()

        transport._send_rtp = lossy  # type: ignore[method-assign]

    def _delayed(self, send: Send) -> Send:
        async def delayed(data: bytes) -> None:
            if self.delay:
                return self._later(self.delay, send, data)
            await send(data)

        return delayed

    def _later(self, seconds: float, send: Send, data: bytes) -> None:
        async def late() -> None:
            await asyncio.sleep(seconds)
            with suppress(ConnectionError):  # the call is over
                await send(data)

        sending = asyncio.ensure_future(late())
        self._late.add(sending)
        sending.add_done_callback(self._late.discard)

    def _note(self, data: bytes) -> None:
        packet = RtpPacket.parse(data)
        sender = self._audio.sender if hasattr(self, "_audio") else None
        if sender and packet.ssrc == sender._ssrc:
            self.let_through.append(packet.payload)


class FakePlayer:
    """A program that plays by WHEP: one section of each of `kinds`.

    What arrives is in `received`: kind -> encoded packets.
    """

    def __init__(self, *kinds: str) -> None:
        receive_encoded()
        self.received: dict[str, list[Any]] = {kind: [] for kind in kinds}
        self._readers: list[asyncio.Task[None]] = []
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.pc.on("track", self._read_track)
        for kind in kinds:
            self.pc.addTransceiver(kind, "recvonly")

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp: str = self.pc.localDescription.sdp
        return sdp

    async def accept(self, answer_sdp: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))

    async def close(self) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        await self.pc.close()

    def _read_track(self, track: MediaStreamTrack) -> None:
        self._readers.append(asyncio.ensure_future(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                self.received[track.kind].append(await track.recv())
        except MediaStreamError:
            pass


class Disk:
    """A disk that `OggOpusWriter`s write to, where `writer` stands in their place.

    Dials: `full`, it refuses every packet; `turns`, cleared it takes none and waits.
    """

    def __init__(self) -> None:
        self.full = False
        self.turns = threading.Event()
        self.turns.set()

    def writer(self, path: Path) -> OggOpusWriter:
        return DiskWriter(path, self)


class DiskWriter(OggOpusWriter):
    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path)
        self._disk = disk

    def write(self, data: bytes, times: int = 1) -> None:
        assert self._disk.turns.wait(20)
        if self._disk.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(data, times)


class FakePull:
    """A stream that is fetched: publishes nothing, says what the test turns.

    Dials: `say(state, error)`; `broken`, it cannot be started; `stuck`, it never stops.
    Every one that was made is in `made`.
    """

    made: "list[FakePull]" = []
    broken = stuck = False

    def __init__(self, id: str, label: str, url: str, *, recorded: bool = True) -> None:
        self.id, self.label, self.url, self.recorded = id, label, url, recorded
        self.started, self.stopped = threading.Event(), threading.Event()
        self._listener: Any = None
        self.made.append(self)

    def listen(self, callback: Any) -> None:
        self._listener = callback

    async def start(self, room: Any) -> None:
        if self.broken:
            raise OSError("https://user:secret@example.com is not there")
        self.started.set()

    async def stop(self) -> None:
        if self.stuck:
            await asyncio.sleep(3600)
        self.stopped.set()

    def say(self, state: str, error: str = "") -> None:
        self._listener(IngressState(state), error)
