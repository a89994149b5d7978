"""The way of packets between aiortc and a room: whole frames out of it, and into it.

aiortc has a queue and a thread for what it receives, a queue and a task for what it
sends, for each track; of eight people who talk that was more than half a core.
"""

import asyncio
import random
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiortc import RTCDtlsTransport, RTCRtpReceiver, RTCRtpSender
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RTP_HISTORY_SIZE, HeaderExtensions, RtpPacket

from meetings.media.aiortc_compat.codecs import payload_types

BUFFER = "_RTCRtpReceiver__jitter_buffer"
REGISTER = RTCDtlsTransport._register_rtp_receiver
VIDEO_CAPACITY = 512  # packets, aiortc's own figure
NTP_EPOCH = 2_208_988_800  # s from 1900 to 1970
RTP_HEAD = struct.Struct("!BBHLL")

Deliver = Callable[[int, bytes], None]


class Buffer(Protocol):
    """Puts packets in order: (send a PLI?, what is due as (RTP timestamp, frame))."""

    def add(self, packet: Any) -> tuple[bool, list[tuple[int, bytes]]]: ...


class FrameTap:
    """Stands where aiortc keeps a jitter buffer, and hands whole frames on at once.

    aiortc would carry each to a thread for decoding and back to its loop. `deliver`
    takes an RTP timestamp and the encoded frame.
    """

    def __init__(self, buffer: Buffer, deliver: Deliver) -> None:
        self.buffer = buffer
        self._deliver = deliver

    def add(self, packet: Any) -> tuple[bool, None]:
        """Take one RtpPacket; returns (send a PLI?, nothing to decode)."""
        ask, frames = self.buffer.add(packet)
        for timestamp, data in frames:
            self._deliver(timestamp, data)
        return ask, None


class VideoBuffer:
    """aiortc's own jitter buffer for pictures, with its answer as a list."""

    def __init__(self) -> None:
        self._buffer = JitterBuffer(capacity=VIDEO_CAPACITY, is_video=True)

    def add(self, packet: Any) -> tuple[bool, list[tuple[int, bytes]]]:
        ask, frame = self._buffer.add(packet)
        return ask, [(frame.timestamp, frame.data)] if frame else []


class RtpOutlet:
    """Sends a browser what is encoded, at once: no queue, no task, no copy of PyAV's.

    Takes the place of the sending half of an RTCRtpSender, which goes on to report, to
    repeat what was lost, and to end. `opened` is called when media can flow.
    """

    def __init__(self, sender: RTCRtpSender) -> None:
        self.is_open = False
        self.opened: Callable[[], None] = lambda: None
        self._sender: Any = sender
        self._repeats = sender.kind == "video"  # aiortc negotiates no NACK for sound
        self._types: dict[str, tuple[int, int | None]] = {}
        self._seq = random.getrandbits(15)  # so that SRTP meets no wrap at the start
        self._origin = random.getrandbits(32)
        self._header = HeaderExtensions(mid=None)
        self._extensions = b""
        self._timed = False
        sender.send = self._start  # type: ignore[method-assign]
        sender._run_rtp = self._run  # type: ignore[method-assign]

    def send(self, codec: str, payloads: Sequence[bytes], timestamp: int) -> None:
        """Send the packets of one frame; its time in units of the codec's clock.

        What does not fit the network is lost, as in any network, and what is in a codec
        that the browser does not know is not sent.
        """
        transport = self._sender.transport
        pair = transport.transport._connection._nominated.get(1)
        can = self.is_open and self._sender._enabled and pair is not None
        if not can or transport.state != "connected" or codec not in self._types:
            return
        kind, self._sender._RTCRtpSender__rtx_payload_type = self._types[codec]
        ntp = int((time.time() + NTP_EPOCH) * 2**32)
        if self._timed:
            self._header.abs_send_time = (ntp >> 14) & 0xFFFFFF
            self._extensions = self._packed()
        timestamp = (self._origin + timestamp) % 2**32
        for n, payload in enumerate(payloads, 1):
            data = self._packet(kind, payload, timestamp, n == len(payloads))
            data = transport._tx_srtp.protect(data)
            pair.protocol.transport.sendto(data, pair.remote_addr)
        self._count(payloads, ntp, timestamp)

    def _packet(self, kind: int, payload: bytes, timestamp: int, marker: bool) -> bytes:
        ssrc = self._sender._ssrc
        if self._repeats:
            packet = RtpPacket(kind, int(marker), self._seq, timestamp, ssrc, payload)
            packet.extensions.mid = self._header.mid
            packet.extensions.abs_send_time = self._header.abs_send_time
            history = self._sender._RTCRtpSender__rtp_history
            history[self._seq % RTP_HISTORY_SIZE] = packet
        first = 0x90 if self._extensions else 0x80  # version 2 (RFC 3550, 5.1)
        head = RTP_HEAD.pack(first, marker << 7 | kind, self._seq, timestamp, ssrc)
        self._seq = (self._seq + 1) % 2**16
        return head + self._extensions + payload

    def _packed(self) -> bytes:
        """The header's extensions as they were negotiated (RFC 8285)."""
        names = self._sender._RTCRtpSender__rtp_header_extensions_map
        profile, value = names.set(self._header)
        return struct.pack("!HH", profile, len(value) // 4) + value if value else b""

    def _count(self, payloads: Sequence[bytes], ntp: int, timestamp: int) -> None:
        """For the sender's reports (RFC 3550, 6.4.1)."""
        sender = self._sender
        sender._RTCRtpSender__ntp_timestamp = ntp
        sender._RTCRtpSender__rtp_timestamp = timestamp
        sender._RTCRtpSender__packet_count += len(payloads)
        sender._RTCRtpSender__octet_count += sum(map(len, payloads))

    async def _start(self, parameters: Any) -> None:
        """Note what was negotiated: aiortc sends in the first codec alone."""
        self._types = payload_types(parameters.codecs)
        await RTCRtpSender.send(self._sender, parameters)

    async def _run(self, codec: Any) -> None:
        """From when aiortc would send to when it stops."""
        self._header.abs_send_time = 0
        self._timed = bool(self._packed())
        self._header = HeaderExtensions(mid=self._sender._RTCRtpSender__mid)
        self._extensions = self._packed()
        self._sender._RTCRtpSender__rtp_started.set()
        self.is_open = True
        try:
            self.opened()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        finally:
            self.is_open = False
            self._sender._RTCRtpSender__rtp_exited.set()


def route_repairs() -> None:
    """Let packets that are sent again (RFC 4588) reach their receiver.

    aiortc does not know where they belong once a connection has two pictures, a camera
    and a screen: both stood still at every loss until the next key frame.
    """
    RTCDtlsTransport._register_rtp_receiver = _register_with_repairs  # type: ignore


def _register_with_repairs(transport: Any, receiver: Any, parameters: Any) -> None:
    REGISTER(transport, receiver, parameters)
    for encoding in parameters.encodings:
        if encoding.rtx:
            transport._rtp_router.ssrc_table[encoding.rtx.ssrc] = receiver


def take_frames(receiver: RTCRtpReceiver, buffer: Buffer, deliver: Deliver) -> None:
    """Hand frames on as they become whole; the first one is not missed only inside the
    connection's track event."""
    setattr(receiver, BUFFER, FrameTap(buffer, deliver))
