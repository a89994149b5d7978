"""Every private name of aiortc that Earshot touches, and nothing outside this package.

`assert_supported` fails at import of the server when an upgrade moved one of them.
"""

import asyncio
import inspect
import random
import time
from collections.abc import Callable
from functools import cache, partialmethod
from typing import Any

import aiortc
from aioice import Connection
from aioice.ice import StunProtocol
from aioice.stun import TransactionError
from aiortc import (
    RTCDtlsTransport,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
)
from aiortc.rtcdtlstransport import RtpRouter

SUPPORTED = "1.16."
SENDER = (
    "mid",
    "ntp_timestamp",
    "octet_count += ",
    "packet_count += ",
    "rtp_exited.set()",
    "rtp_header_extensions_map",
    "rtp_history[",
    "rtp_started.set()",
    "rtp_timestamp",
    "rtx_payload_type",
)
RTX = "_RTCRtpReceiver__rtx_ssrc"
ROUND_TRIP = "_RTCRtpSender__rtt"
LONGEST_ROUND_TRIP = 10.0  # s
RECEIVED = StunProtocol.datagram_received
FIRST_AFTER_STUN = 4  # the first byte of a datagram says what it is (RFC 7983)
GATHER = Connection.get_component_candidates
CONSENT_INTERVAL = 5.0  # s between two questions for consent (RFC 7675, 5.1)
CONSENT_EXPIRES = 30.0  # s without an answer after which nothing is sent (the same)
CONSENT_TRIES = 3  # of a question, after which it waited 0.5 + 1 + 2 s for its answer


def limit_gathering(seconds: float) -> None:
    """Let no connection of this process wait longer for STUN and TURN servers.

    aioice waits 5 s for one that is away: nobody would get in any more.
    """
    Connection.get_component_candidates = partialmethod(  # type: ignore
        GATHER, timeout=seconds
    )


def ignore_strangers() -> None:
    """Let nothing but STUN come from where no peer has shown itself by STUN.

    aioice hands on what comes from anywhere, and an empty datagram ends a connection of
    aiortc: whoever can reach the port could put people out of their call.
    """
    StunProtocol.datagram_received = _received_of_peers  # type: ignore


def _received_of_peers(protocol: Any, data: bytes, address: tuple[Any, ...]) -> None:
    if data and (data[0] < FIRST_AFTER_STUN or _is_peer(protocol.receiver, address)):
        RECEIVED(protocol, data, address)


def _is_peer(connection: Any, address: tuple[Any, ...]) -> bool:
    return any(
        peer.port == address[1] and peer._network_host == address[0]
        for peer in connection._remote_candidates
    )


def wait_for_consent() -> None:
    """Let each connection of this process end when nothing has answered for 30 s.

    aioice waits half a second for each answer, and ends a connection after six that
    came later: a slow network or a busy machine put everybody out after half a minute.
    """
    Connection.query_consent = _query_consent  # type: ignore


async def _query_consent(connection: Any) -> None:
    answered = time.monotonic()
    while True:
        await asyncio.sleep(CONSENT_INTERVAL * random.uniform(0.8, 1.2))
        if await _has_consent(connection):
            answered = time.monotonic()
        elif time.monotonic() - answered >= CONSENT_EXPIRES:
            connection._query_consent_task = None  # close() would wait for itself
            await connection.close()
            return


async def _has_consent(connection: Any) -> bool:
    """Whether the peer answers on all paths that are in use."""
    try:
        for pair in connection._nominated.values():
            await pair.protocol.request(
                connection.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=connection.remote_password.encode(),
                retransmissions=CONSENT_TRIES - 1,
            )
    except TransactionError:
        return False
    return True


def on_keyframe_request(sender: RTCRtpSender, callback: Callable[[], None]) -> None:
    """Call back when the browser behind this sender asks for a key frame."""
    sender._send_keyframe = callback  # type: ignore[method-assign]


async def request_keyframe(receiver: RTCRtpReceiver) -> None:
    """Ask the browser behind this receiver for a key frame."""
    repairs = getattr(receiver, RTX)
    for source in receiver.getSynchronizationSources():
        if source.source not in repairs:
            await receiver._send_rtcp_pli(source.source)


def round_trip(sender: RTCRtpSender) -> float | None:
    """Seconds to the browser behind this sender and back, smoothed; None before its
    first report, or while somebody sets the clock."""
    seconds: float | None = getattr(sender, ROUND_TRIP)
    sane = seconds is not None and 0 <= seconds < LONGEST_ROUND_TRIP
    return seconds if sane else None


def share_stream(audio: RTCRtpSender, video: RTCRtpSender) -> None:
    """Announce two senders as one MediaStream, so that browsers keep lip sync."""
    video._stream_id = audio._stream_id = f"seat-{audio._ssrc}"


def assert_supported() -> None:
    """Raise RuntimeError when this aiortc is not one the names were read in."""
    if not aiortc.__version__.startswith(SUPPORTED):
        raise RuntimeError(f"aiortc {SUPPORTED}x expected, {aiortc.__version__} found")
    missing = [name for name, found in _private_names().items() if not found]
    if missing:
        raise RuntimeError(f"aiortc lost: {', '.join(missing)}")


@cache
def _source(thing: Any) -> str:
    """Read once: Python 3.11 may fail where two threads parse at the same time."""
    return inspect.getsource(thing)


def _private_names() -> dict[str, bool]:
    receiver = _source(RTCRtpReceiver)
    sender = _source(RTCRtpSender)
    gathering = _source(Connection)
    encrypting = _source(RTCDtlsTransport)
    return {
        "timeout of get_component_candidates": "timeout=timeout)" in gathering,
        "Connection._remote_candidates": "self._remote_candidates" in gathering,
        "Candidate._network_host": "._network_host == addr[0]" in gathering,
        "Connection.query_consent": "self.query_consent()" in gathering
        and "self._query_consent_task = None" in gathering
        and "in self._nominated.values()" in gathering,
        "StunProtocol.receiver": "self.receiver.data_received" in _source(StunProtocol),
        "RTCRtpTransceiver._codecs": "._codecs = filter_preferred_codecs("
        in _source(RTCPeerConnection),
        "RTCRtpSender._run_rtp": "self._run_rtp(parameters.codecs[0])" in sender,
        "RTCRtpSender's counts": all(f"self.__{name}" in sender for name in SENDER),
        "RTCDtlsTransport._tx_srtp": "self._tx_srtp.protect(data)" in encrypting,
        "RTCDtlsTransport._rtp_router": "self._rtp_router.register_receiver("
        in encrypting
        and "self.__transport._register_rtp_receiver(self, parameters)" in receiver,
        "RtpRouter.ssrc_table": "self.ssrc_table.get(packet.ssrc)"
        in _source(RtpRouter),
        "Connection._nominated": "self._nominated.get(component)" in gathering,
        "RTCIceTransport._connection": "self._send = self._connection.send"
        in _source(RTCIceTransport),
        "RTCRtpReceiver.__jitter_buffer": "self.__jitter_buffer.add(" in receiver,
        "RTCRtpReceiver.__rtx_ssrc": "self.__rtx_ssrc" in receiver,
        "RTCRtpReceiver._send_rtcp_pli": hasattr(RTCRtpReceiver, "_send_rtcp_pli"),
        "RTCRtpSender._send_keyframe": "self._send_keyframe()" in sender,
        "RTCRtpSender.__rtt": "self.__rtt = rtt" in sender,
        "RTCRtpSender._stream_id": "self._stream_id" in sender,
        "track event inside setRemoteDescription": 'emit("track"'
        in _source(RTCPeerConnection.setRemoteDescription),
    }
