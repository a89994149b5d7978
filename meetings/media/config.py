import re
from dataclasses import dataclass, field

# stun:host, turn:user:password@host:port?transport=tcp
ICE_ADDRESS = re.compile(
    r"(?P<scheme>stuns?|turns?):((?P<login>.+)@)?"
    r"(?P<host>[^@:?/]+)(:(?P<port>\d{1,5}))?(\?transport=(?P<transport>udp|tcp))?"
)


@dataclass(frozen=True)
class ICEServer:
    """A STUN or TURN server, as in RTCIceServer of the WebRTC specification.

    `secret`: shared with a TURN server, in the place of a login; see `turn.with_login`.
    """

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None
    secret: str | None = None


@dataclass(frozen=True)
class MediaConfig:
    """What a `MediaServer` is told at start. Times are in seconds.

    An empty `ice_servers` means host candidates only: nobody outside is asked.
    `public_ip` replaces the private host address in answers behind a 1:1 NAT.
    `relay_only`: no media but by the TURN server among `ice_servers`.
    """

    ice_servers: tuple[ICEServer, ...] = field(default_factory=tuple)
    public_ip: str | None = None
    relay_only: bool = False
    audio_hold: int = 2  # packets of 20 ms waited for at a gap
    rtp_timeout: float = 3.0  # silence on the wire until "interrupted"
    leave_timeout: float = 15.0  # silence on the wire until "left"
    connect_timeout: float = 10.0  # from the answer to the first packet
    video_freeze: float = 1.0  # RTP without a frame until a key frame is asked for
    negotiate_timeout: float = 5.0  # an answer, gathering of candidates included
    gather_timeout: float = 2.0  # for answers of STUN and TURN servers, a part of that
    max_sdp_bytes: int = 65536
    max_participants: int = 8
    max_viewers: int = 16  # who play a room by WHEP, and are nobody in it
    video_reserve: int = 1 << 30  # bytes of the disk that pictures leave to sound
