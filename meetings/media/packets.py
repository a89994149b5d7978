from dataclasses import dataclass

from meetings.media.events import Kind

OPUS_RATE = 48_000  # Hz; the clock of Opus in RTP, whatever is inside (RFC 7587, 4.1)
OPUS_FRAME = 960  # samples in the usual 20 ms
OPUS_SILENCE = b"\xf8\xff\xfe"  # one 20 ms frame of digital silence
DRAWN_GAP_MS = 100  # shorter ones are single lost packets: filled, and not drawn
PAYLOAD = 1300  # bytes of a packet's payload: fits any path with its headers
MAX_OPUS_FRAMES = 48  # of 2.5 ms in the longest packet, 120 ms (RFC 6716, 3.2.5)


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One frame as the sender encoded it.

    `pts` counts `clock_rate` units from the sender's first frame; `wall` is the time of
    arrival in seconds since the epoch.
    """

    kind: Kind
    codec: str
    data: bytes
    pts: int
    clock_rate: int
    keyframe: bool
    wall: float


def opus_samples(data: bytes) -> int:
    """Length of an Opus packet in samples at 48 kHz; 0 for an empty or broken one."""
    if not data:
        return 0
    total = _opus_frames(data) * _opus_frame_size(data[0] >> 3)
    return total if total <= MAX_OPUS_FRAMES * 120 else 0


def _opus_frame_size(config: int) -> int:
    """Samples per frame of a TOC configuration (RFC 6716, table 2)."""
    if config < 12:
        return (480, 960, 1920, 2880)[config % 4]
    if config < 16:
        return (480, 960)[config % 2]
    return (120, 240, 480, 960)[config % 4]


def _opus_frames(data: bytes) -> int:
    code = data[0] & 3
    if code < 3:
        return 1 if code == 0 else 2
    return data[1] & 0x3F if len(data) > 1 else 0


def vp8_size(data: bytes) -> tuple[int, int]:
    """Width and height in a VP8 key frame (RFC 6386, 9.1); ValueError where there are
    none."""
    if len(data) < 10 or data[3:6] != b"\x9d\x01\x2a":
        raise ValueError("no head of a VP8 key frame")
    width, height = (int.from_bytes(data[n : n + 2], "little") for n in (6, 8))
    return width & 0x3FFF, height & 0x3FFF


def is_vp8_keyframe(data: bytes) -> bool:
    """The first bit of a VP8 frame is 0 in a key frame (RFC 6386, 9.1)."""
    return bool(data) and data[0] & 1 == 0


def vp8_payloads(data: bytes, picture: int) -> list[bytes]:
    """A VP8 frame cut into payloads of RTP, with the number of the picture in 15 bits
    (RFC 7741, 4.2)."""
    number = (0x8000 | picture % 0x8000).to_bytes(2, "big")
    room = PAYLOAD - 4
    pieces = (data[at : at + room] for at in range(0, len(data), room))
    return [
        (b"\x90" if n == 0 else b"\x80") + b"\x80" + number + piece
        for n, piece in enumerate(pieces)
    ]
