from dataclasses import dataclass, field


@dataclass(frozen=True)
class ICEServer:
    """A STUN or TURN server, as in RTCIceServer of the WebRTC specification."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True)
class MediaConfig:
    """What a `MediaServer` is told at start. Times are in seconds.

    An empty `ice_servers` means host candidates only: nobody outside is asked.
    `public_ip` replaces the private host address in answers behind a 1:1 NAT.
    """

    ice_servers: tuple[ICEServer, ...] = field(default_factory=tuple)
    public_ip: str | None = None
    audio_hold: int = 2  # packets of 20 ms waited for at a gap
    rtp_timeout: float = 3.0  # silence on the wire until "interrupted"
    leave_timeout: float = 15.0  # silence on the wire until "left"
    connect_timeout: float = 10.0  # from the answer to the first packet
    video_freeze: float = 1.0  # RTP without a frame until a key frame is asked for
    negotiate_timeout: float = 5.0  # an answer, gathering of candidates included
    max_sdp_bytes: int = 65536
    max_participants: int = 8
