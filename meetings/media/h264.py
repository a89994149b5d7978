"""H.264 as it comes out of RTP: NAL units behind start codes (ITU-T H.264, annex B)."""

from collections.abc import Iterator

from meetings.media.packets import PAYLOAD

START = b"\x00\x00\x00\x01"
IDR, SPS, PPS, FU_A = 5, 7, 8, 28  # types of NAL units; the last one of RTP
LARGEST = 16_384  # px of a side, more than any level has (table A-1)
MOST_CYCLES = 255  # of a picture order count (7.4.2.1.1)
# Profiles whose parameters begin with how colours are kept (7.3.2.1.1).
HIGH_PROFILES = (44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244)


def nal_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a picture, without their start codes."""
    for piece in data.split(START[1:])[1:]:
        if unit := piece.rstrip(b"\x00"):
            yield unit


def is_h264_keyframe(data: bytes) -> bool:
    """Whether decoding can begin with this picture."""
    return any(_kind(unit) == IDR for unit in nal_units(data))


def h264_size(data: bytes) -> tuple[int, int]:
    """Width and height in a picture with a sequence parameter set; ValueError where
    there is none."""
    for unit in nal_units(data):
        if _kind(unit) == SPS:
            return _shown(unit)
    raise ValueError("no sequence parameter set")


def h264_payloads(data: bytes, picture: int = 0) -> list[bytes]:
    """A picture cut into payloads of RTP, non-interleaved (RFC 6184, 5.6 and 5.8)."""
    return [payload for unit in nal_units(data) for payload in _payloads(unit)]


class ParameterSets:
    """Puts a stream's parameter sets before each key frame that comes without them.

    Some senders say them once, at the start: a file or a viewer that begins later
    could show nothing.
    """

    def __init__(self) -> None:
        self._sets: dict[int, bytes] = {}

    def complete(self, data: bytes) -> bytes:
        units = {_kind(unit): unit for unit in nal_units(data)}
        said = {kind: unit for kind, unit in units.items() if kind in (SPS, PPS)}
        self._sets |= said
        if IDR not in units or SPS in said:
            return data
        return b"".join(START + self._sets[kind] for kind in sorted(self._sets)) + data


def _kind(unit: bytes) -> int:
    return unit[0] & 0x1F


def _payloads(unit: bytes) -> list[bytes]:
    if len(unit) <= PAYLOAD:
        return [unit]
    room = PAYLOAD - 2
    pieces = [unit[at : at + room] for at in range(1, len(unit), room)]
    indicator, last = unit[0] & 0xE0 | FU_A, len(pieces) - 1
    return [
        bytes((indicator, (n == 0) << 7 | (n == last) << 6 | _kind(unit))) + piece
        for n, piece in enumerate(pieces)
    ]


class _Bits:
    """Reads a raw byte sequence payload bit by bit; ValueError past its end."""

    def __init__(self, unit: bytes) -> None:
        plain = unit.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention
        self._value, self._left = int.from_bytes(plain, "big"), len(plain) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("a parameter set that is cut off")
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        """Exp-Golomb, ue(v) (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """Exp-Golomb, se(v) (9.1.1)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -code // 2


def _shown(unit: bytes) -> tuple[int, int]:
    """Pixels that a sequence parameter set shows (7.3.2.1.1, 7.4.2.1.1)."""
    bits = _Bits(unit[1:])
    profile = bits.take(8)
    bits.take(16)  # constraints and level
    bits.unsigned()  # id
    chroma = _colours(bits) if profile in HIGH_PROFILES else 1
    bits.unsigned()  # bits of a frame's number
    _order(bits)
    bits.unsigned()  # reference frames
    bits.take(1)
    across, down = bits.unsigned() + 1, bits.unsigned() + 1
    fields = 1 if bits.take(1) else 2
    bits.take(fields)  # adaptive fields where there are any; direct inference
    left, right, top, bottom = (
        (bits.unsigned() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    )
    wide = 2 if chroma in (1, 2) else 1
    high = (2 if chroma == 1 else 1) * fields
    width = across * 16 - wide * (left + right)
    height = fields * down * 16 - high * (top + bottom)
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise ValueError(f"a picture of {width} x {height}")
    return width, height


def _colours(bits: _Bits) -> int:
    """chroma_format_idc, and past the depths and scaling matrices after it."""
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    bits.unsigned(), bits.unsigned()
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _scaling_list(bits, 16 if number < 6 else 64)
    return chroma


def _scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order(bits: _Bits) -> None:
    """Past how the order of pictures is counted."""
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.signed(), bits.signed()
        count = bits.unsigned()
        if count > MOST_CYCLES:
            raise ValueError("no parameter set")
        for _ in range(count):
            bits.signed()
