import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.sdp import SessionDescription

from meetings.media import aiortc_compat
from meetings.media.config import MediaConfig
from meetings.media.errors import (
    BadOffer,
    MediaError,
    OfferTooLarge,
    UnsupportedCodec,
)
from meetings.media.events import Kind
from meetings.media.track import TrackLocal, TrackRemote

MIME_TYPES: dict[Kind, tuple[str, ...]] = {
    "audio": ("audio/opus",),
    "video": ("video/vp8", "video/rtx"),
}
SOURCES: dict[Kind, tuple[str, ...]] = {
    "audio": ("microphone", "tab"),
    "video": ("camera",),
}


@dataclass(frozen=True)
class OfferedMedia:
    """One media section of a browser's offer."""

    mid: str
    kind: Kind
    sends: bool


@dataclass(frozen=True)
class SeatPair:
    """The two transceivers on which a browser receives one other person."""

    audio_mid: str
    audio: TrackLocal
    video_mid: str
    video: TrackLocal


AT_FIRST = 4  # people for whom the page's first offer has room, however few may come


def read_offer(sdp: str, config: MediaConfig) -> list[OfferedMedia]:
    """Check an offer before aiortc sees it.

    Raises OfferTooLarge, BadOffer, UnsupportedCodec.
    """
    if (size := len(sdp.encode())) > config.max_sdp_bytes:
        raise OfferTooLarge(size, config.max_sdp_bytes)
    try:
        sections = SessionDescription.parse(sdp).media
    except Exception as error:  # the parser raises whatever its input makes it trip on
        raise BadOffer("not a session description") from error
    limit = 2 * max(config.max_participants, AT_FIRST) + 3
    if not 0 < len(sections) <= limit:
        raise BadOffer(f"{len(sections)} media sections, expected 1 to {limit}")
    offered = [_read_section(section) for section in sections]
    if len({media.mid for media in offered}) < len(offered):
        raise BadOffer("two media sections with one mid")
    return offered


def _read_section(section: object) -> OfferedMedia:
    kind = getattr(section, "kind", "")
    if kind not in MIME_TYPES:
        raise BadOffer(f"a section of kind {kind!r}, expected audio or video")
    rtp = getattr(section, "rtp")  # noqa: B009 - aiortc carries no types
    names = {codec.mimeType.lower() for codec in rtp.codecs}
    if MIME_TYPES[kind][0] not in names:
        raise UnsupportedCodec(f"{kind} without {MIME_TYPES[kind][0]}")
    direction = getattr(section, "direction", None)
    if not rtp.muxId or direction not in ("sendonly", "recvonly", "inactive"):
        raise BadOffer("each section needs a mid and sendonly or recvonly")
    if not getattr(getattr(section, "dtls", None), "fingerprints", None):
        raise BadOffer("no DTLS fingerprint")
    return OfferedMedia(rtp.muxId, kind, direction == "sendonly")


class PeerConnection:
    """One browser's connection: what it sends as tracks, and seats to receive on."""

    def __init__(
        self,
        config: MediaConfig,
        on_track: Callable[[TrackRemote], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.tracks: dict[str, TrackRemote] = {}  # by source
        self.seats: list[SeatPair] = []
        self._config = config
        self._on_track = on_track
        self._on_lost = on_lost
        self._locals: list[tuple[str, Kind, TrackLocal, RTCRtpSender]] = []
        self._known: set[str] = set()
        self._lock = asyncio.Lock()
        self._closing = False
        self._pc = RTCPeerConnection(_rtc_configuration(config))
        self._pc.on("track", self._add_track)
        self._pc.on("connectionstatechange", self._watch_state)

    async def answer(self, offer_sdp: str) -> str:
        """Negotiate, for the first time or again; returns the answer's SDP.

        Raises OfferTooLarge, BadOffer, UnsupportedCodec, MediaError on a time-out.
        """
        offered = read_offer(offer_sdp, self._config)
        async with self._lock:
            try:
                async with asyncio.timeout(self._config.negotiate_timeout):
                    return await self._negotiate(offer_sdp, offered)
            except TimeoutError as error:
                raise MediaError("negotiation_timeout", 504) from error
            except (OperationError, InternalError, ValueError) as error:
                raise BadOffer(str(error)) from error
            except InvalidStateError as error:
                raise MediaError("connection_closed", 409, str(error)) from error

    async def close(self) -> None:
        """End all tracks and the connection; safe to call twice."""
        self._closing = True
        for _, _, local, _ in self._locals:
            local.stop()
        for track in self.tracks.values():
            await track.close()
        await self._pc.close()

    async def _negotiate(self, sdp: str, offered: list[OfferedMedia]) -> str:
        for media in offered:
            if media.mid not in self._known:
                self._known.add(media.mid)
                self._add_transceiver(media)
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        self._pair_seats()
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return _with_public_ip(self._pc.localDescription.sdp, self._config.public_ip)

    def _add_transceiver(self, media: OfferedMedia) -> None:
        # made before setRemoteDescription, which takes the first one of the kind
        # that has no mid yet: only so can its codecs be chosen
        if media.sends:
            transceiver = self._pc.addTransceiver(media.kind, "recvonly")
        else:
            local = TrackLocal(media.kind)
            transceiver = self._pc.addTransceiver(local, "sendonly")
            sender = transceiver.sender
            aiortc_compat.on_keyframe_request(sender, local.request_keyframe)
            self._locals.append((media.mid, media.kind, local, sender))
        _prefer_codecs(transceiver)

    def _pair_seats(self) -> None:
        audio = [entry for entry in self._locals if entry[1] == "audio"]
        video = [entry for entry in self._locals if entry[1] == "video"]
        pairs = list(zip(audio, video, strict=False))
        for hear, see in pairs[len(self.seats) :]:
            aiortc_compat.share_stream(hear[3], see[3])
            self.seats.append(SeatPair(hear[0], hear[2], see[0], see[2]))

    def _add_track(self, track: MediaStreamTrack) -> None:
        receiver = next(r for r in self._pc.getReceivers() if r.track is track)
        sources = SOURCES[cast(Kind, track.kind)]
        source = next((s for s in sources if s not in self.tracks), track.id)
        remote = TrackRemote(track, receiver, source, self._config.audio_hold)
        self.tracks[source] = remote
        self._on_track(remote)

    def _watch_state(self) -> None:
        state = self._pc.connectionState
        if state in ("failed", "closed") and not self._closing:
            self._on_lost()


def _rtc_configuration(config: MediaConfig) -> RTCConfiguration:
    # always a list: aiortc takes None for "ask Google's STUN server"; one transport
    # from the start: "balanced" leaves the second video of a bundle on one of its own
    return RTCConfiguration(
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        iceServers=[
            RTCIceServer(list(s.urls), s.username, s.credential)
            for s in config.ice_servers
        ],
    )


def _prefer_codecs(transceiver: RTCRtpTransceiver) -> None:
    wanted = MIME_TYPES[cast(Kind, transceiver.kind)]
    capabilities = RTCRtpSender.getCapabilities(transceiver.kind).codecs
    transceiver.setCodecPreferences(
        [codec for codec in capabilities if codec.mimeType.lower() in wanted]
    )


def _with_public_ip(sdp: str, public_ip: str | None) -> str:
    """Put the public address into the host candidates of an answer."""
    if public_ip is None:
        return sdp
    lines = [_public_line(line, public_ip) for line in sdp.split("\r\n")]
    return "\r\n".join(lines)


def _public_line(line: str, public_ip: str) -> str:
    words = line.split(" ")
    if line.startswith("a=candidate:") and words[6:8] == ["typ", "host"]:
        if ":" not in words[4]:
            words[4] = public_ip
        return " ".join(words)
    return line
