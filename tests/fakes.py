"""Stand-ins with dials: a browser made of aiortc, what it sends, a disk."""

import asyncio
import errno
import random
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from meetings.media import aiortc_compat
from meetings.media.packets import OPUS_FRAME, OPUS_RATE
from meetings.media.writers import OggOpusWriter


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


def vp8_pictures(count: int) -> list[bytes]:
    """Small VP8 frames, the first a key frame."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base = Fraction(1, 20)
    encoder.options = {"deadline": "realtime", "g": "1000", "lag-in-frames": "0"}
    pictures = []
    for n in range(count):
        frame = av.VideoFrame(64, 48, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([n * 5 % 256]) * plane.buffer_size)
        frame.pts = n
        pictures += [bytes(packet) for packet in encoder.encode(frame)]
    return pictures


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
    def pictures(cls) -> "FakeTrack":
        return cls("video", vp8_pictures(200), 4_500, 90_000)

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


class FakeBrowser:
    """A browser's side of docs/signalling.md.

    Dials: `loss`, the share of RTP packets dropped on the way to the server; the
    tracks' own. What arrives is in `received`: mid -> encoded packets.
    """

    def __init__(
        self, hertz: float = 440, camera: bool = False, seats: int = 3, loss: float = 0
    ) -> None:
        aiortc_compat.install_passthrough()
        self.microphone = FakeTrack.tone(hertz)
        self.camera = FakeTrack.pictures() if camera else None
        self.loss = loss
        self.keyframe_requests: list[float] = []
        self.received: dict[str, list[Any]] = {}
        self._random = random.Random(7)
        self._readers: list[asyncio.Task[None]] = []
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.pc.on("track", self._read_track)
        self._audio = self.pc.addTransceiver(self.microphone, "sendonly")
        self._video = self.pc.addTransceiver(self.camera or "video", "sendonly")
        aiortc_compat.on_keyframe_request(self._video.sender, self._keyframe)
        self.add_seats(seats)

    def add_seats(self, count: int) -> None:
        for _ in range(count):
            self.pc.addTransceiver("audio", "recvonly")
            self.pc.addTransceiver("video", "recvonly")

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp: str = self.pc.localDescription.sdp
        return sdp

    async def accept(self, answer_sdp: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))
        self._lose_packets()

    def mid(self, track_kind: str, seat: int) -> str:
        receivers = [t for t in self.pc.getTransceivers() if t.direction == "recvonly"]
        return str([t for t in receivers if t.kind == track_kind][seat].mid)

    async def close(self) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
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

    def _lose_packets(self) -> None:
        transport = self._audio.sender.transport
        send = transport._send_rtp

        async def lossy(data: bytes) -> None:
            is_media = data[1] & 0x7F < 64 or data[1] & 0x7F > 95  # not RTCP (RFC 5761)
            if not (is_media and self._random.random() < self.loss):
                await send(data)

        transport._send_rtp = lossy  # type: ignore[method-assign]


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
