import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import cast

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.sdp import SessionDescription

from meetings.media import aiortc_compat
from meetings.media.aiortc_compat import codecs, rtp
from meetings.media.config import MediaConfig
from meetings.media.errors import (
    BadOffer,
    MediaError,
    OfferTooLarge,
    UnsupportedCodec,
)
from meetings.media.events import Kind
from meetings.media.pictures import PICTURES
from meetings.media.track import TrackLocal, TrackRemote
from meetings.media.turn import with_login

CODECS: dict[Kind, tuple[str, ...]] = {"audio": ("opus",), "video": tuple(PICTURES)}
# What the sections of an offer carry, in this order, where the browser does not say.
SOURCES: dict[Kind, tuple[str, ...]] = {
    "audio": ("microphone", "tab"),
    "video": ("camera", "screen"),
}


@dataclass(frozen=True)
class OfferedMedia:
    """One media section of a browser's offer."""

    mid: str
    kind: Kind
    sends: bool
    codecs: tuple[str, ...]  # of those that a room takes, the one it likes best first


@dataclass(frozen=True)
class SeatPair:
    """The two transceivers on which a browser receives one other person."""

    audio_mid: str
    audio: TrackLocal
    video_mid: str
    video: TrackLocal


SETTLE_SECONDS = 3.0  # that a further offer waits for the first one's connection
MOST_CANDIDATES = 20  # of a section; one names every network of its machine
GOODBYE_SECONDS = 1.0
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
    limit = 2 * max(config.max_participants, AT_FIRST) + 4
    if not 0 < len(sections) <= limit:
        raise BadOffer(f"{len(sections)} media sections, expected 1 to {limit}")
    offered = [_read_section(section) for section in sections]
    if len({media.mid for media in offered}) < len(offered):
        raise BadOffer("two media sections with one mid")
    return offered


def _read_section(section: object) -> OfferedMedia:
    kind = getattr(section, "kind", "")
    if kind not in CODECS:
        raise BadOffer(f"a section of kind {kind!r}, expected audio or video")
    rtp = getattr(section, "rtp")  # noqa: B009 - aiortc carries no types
    names = {codec.name.lower() for codec in rtp.codecs}
    taken = tuple(codec for codec in CODECS[kind] if codec in names)
    if not taken:
        raise UnsupportedCodec(f"{kind} without {' or '.join(CODECS[kind])}")
    direction = getattr(section, "direction", None)
    if not rtp.muxId or direction not in ("sendonly", "recvonly", "inactive"):
        raise BadOffer("each section needs a mid and sendonly or recvonly")
    if not getattr(getattr(section, "dtls", None), "fingerprints", None):
        raise BadOffer("no DTLS fingerprint")
    return OfferedMedia(rtp.muxId, kind, direction == "sendonly", taken)


class PeerConnection:
    """One browser's connection: what it sends as tracks, and seats to receive on."""

    def __init__(
        self,
        config: MediaConfig,
        on_track: Callable[[TrackRemote], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.receives = True
        self.tracks: dict[str, TrackRemote] = {}  # by source
        self.seats: list[SeatPair] = []
        self._config = config
        self._on_track = on_track
        self._on_lost = on_lost
        self._locals: list[tuple[str, Kind, TrackLocal, RTCRtpSender]] = []
        self._known: set[str] = set()
        self._said: Mapping[str, str] = {}  # mid -> source, by the browser
        self._lock = asyncio.Lock()
        self._settled = asyncio.Event()  # the connection stands, or never will
        self._closing = False
        self._goodbye: asyncio.Future[None] | None = None  # kept: it may go on alone
        self._pc = RTCPeerConnection(_rtc_configuration(config))
        self._pc.on("track", self._add_track)
        self._pc.on("connectionstatechange", self._watch_state)

    async def answer(
        self, offer_sdp: str, sources: Mapping[str, str] | None = None
    ) -> str:
        """Negotiate, for the first time or again; returns the answer's SDP.

        `sources`: mid -> source of what the browser sends, where the order of sections
        does not say it: who came without a microphone may share a tab. Raises
        OfferTooLarge, BadOffer, UnsupportedCodec, MediaError on a time-out.
        """
        offered = read_offer(offer_sdp, self._config)
        async with self._lock:
            self._said = sources or {}
            await self._settle()
            try:
                async with asyncio.timeout(self._config.negotiate_timeout):
                    return await self._negotiate(offer_sdp, offered)
            except TimeoutError as error:
                raise MediaError("negotiation_timeout", 504) from error
            except (OperationError, InternalError, ValueError) as error:
                raise BadOffer(str(error)) from error
            except InvalidStateError as error:
                raise MediaError("connection_closed", 409, str(error)) from error

    @property
    def connected(self) -> bool:
        """Whether media can flow now."""
        return bool(self._pc.connectionState == "connected")

    @property
    def round_trip(self) -> float | None:
        """Seconds to the browser and back, by its reports on what it receives; None
        before the first one."""
        told = (aiortc_compat.round_trip(sender) for _, _, _, sender in self._locals)
        known = [seconds for seconds in told if seconds is not None]
        return median(known) if known else None

    def locals(self, kind: Kind) -> list[TrackLocal]:
        """What the browser receives on, in the order of its offer."""
        return [local for _, k, local, _ in self._locals if k == kind]

    async def trickle(
        self, candidates: Iterable[RTCIceCandidate], complete: bool
    ) -> None:
        """Take candidates that the other side found after its offer (RFC 8838).

        Those of a section that shares the transport of another are left out.
        """
        for candidate in candidates:
            await self._pc.addIceCandidate(candidate)
        if complete:
            await self._pc.addIceCandidate(None)

    async def close(self) -> None:
        """End all tracks and the connection; safe to call twice.

        A relay that has died meanwhile is waited for a while, and then without us.
        """
        self._closing = True
        for _, _, local, _ in self._locals:
            local.attach(None)
        for track in self.tracks.values():
            await track.close()
        self._goodbye = asyncio.ensure_future(self._pc.close())
        await asyncio.wait({self._goodbye}, timeout=GOODBYE_SECONDS)
        if self._goodbye.done():
            self._goodbye.result()

    async def _settle(self) -> None:
        """Let a connection come about first: aiortc starts what is added meanwhile for
        no media at all."""
        if self._known:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), SETTLE_SECONDS)

    async def _negotiate(self, sdp: str, offered: list[OfferedMedia]) -> str:
        for media in offered:
            if media.mid not in self._known:
                self._known.add(media.mid)
                self._add_transceiver(media)
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        if self._config.ice_servers:
            await self._take_candidates(sdp)
        self._pair_seats()
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return _with_public_ip(self._pc.localDescription.sdp, self._config.public_ip)

    async def _take_candidates(self, sdp: str) -> None:
        """Where the offer says that the browser may be found.

        aiortc forgets that where all sections share a transport. A browser that can
        reach us needs not be found; one behind a relay of ours has to be called first.
        """
        for section in SessionDescription.parse(sdp).media:
            for candidate in section.ice_candidates[:MOST_CANDIDATES]:
                candidate.sdpMid = section.rtp.muxId
                if not candidate.ip.endswith(".local"):  # of a network that is not ours
                    await self._pc.addIceCandidate(candidate)

    def _add_transceiver(self, media: OfferedMedia) -> None:
        # made before setRemoteDescription, which takes the first one of the kind
        # that has no mid yet: only so can its codecs be chosen
        if media.sends:
            transceiver = self._pc.addTransceiver(media.kind, "recvonly")
            codecs.prefer(transceiver, media.codecs[:1])
        else:
            transceiver = self._pc.addTransceiver(media.kind, "sendonly")
            sender = transceiver.sender
            local = TrackLocal(media.kind, rtp.RtpOutlet(sender))
            aiortc_compat.on_keyframe_request(sender, local.request_keyframe)
            self._locals.append((media.mid, media.kind, local, sender))
            codecs.prefer(transceiver, media.codecs)

    def _pair_seats(self) -> None:
        audio = [entry for entry in self._locals if entry[1] == "audio"]
        video = [entry for entry in self._locals if entry[1] == "video"]
        pairs = list(zip(audio, video, strict=False))
        for hear, see in pairs[len(self.seats) :]:
            aiortc_compat.share_stream(hear[3], see[3])
            self.seats.append(SeatPair(hear[0], hear[2], see[0], see[2]))

    def _add_track(self, track: MediaStreamTrack) -> None:
        transceivers = self._pc.getTransceivers()
        carrier = next(t for t in transceivers if t.receiver.track is track)
        kind = cast(Kind, track.kind)
        source = self._source(kind, carrier.mid or "") or track.id
        codec = codecs.agreed(carrier)
        remote = TrackRemote(codec, carrier.receiver, source, self._config.audio_hold)
        self.tracks[source] = remote
        self._on_track(remote)

    def _source(self, kind: Kind, mid: str) -> str:
        """What a section carries; "" for more than there are names."""
        free = [source for source in SOURCES[kind] if source not in self.tracks]
        said = self._said.get(mid)
        return said if said in free else next(iter(free), "")

    def _watch_state(self) -> None:
        state = self._pc.connectionState
        if state not in ("new", "connecting"):
            self._settled.set()
        if state in ("failed", "closed") and not self._closing:
            self._on_lost()


def _rtc_configuration(config: MediaConfig) -> RTCConfiguration:
    # always a list: aiortc takes None for "ask Google's STUN server"; one transport
    # from the start: "balanced" leaves the second video of a bundle on one of its own
    policy = RTCIceTransportPolicy
    servers = [with_login(server, time.time()) for server in config.ice_servers]
    return RTCConfiguration(
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        iceServers=[
            RTCIceServer(list(s.urls), s.username, s.credential) for s in servers
        ],
        iceTransportPolicy=policy.RELAY if config.relay_only else policy.ALL,
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
