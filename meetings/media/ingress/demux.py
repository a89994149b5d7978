"""A stream of bytes that nobody vouches for becomes Opus packets; picture is left."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import av
import numpy as np

from meetings.media.errors import NoAudio, NotMedia, SourceUnreachable
from meetings.media.ingress.opus_file import BIT_RATE
from meetings.media.opening import sound_streams
from meetings.media.packets import OPUS_FRAME, OPUS_RATE, opus_samples
from meetings.media.pcm import decoded, packets_of
from meetings.media.sound import StreamSound
from meetings.media.timeline import Timeline

# Enough to find the sound; FFmpeg's own figures cost a slow source several seconds.
PROBING = {"probesize": "200000", "analyzeduration": "500000"}
TS_PACKET = 188  # bytes
QUIET = 330  # of 32768: one per cent; a pause, where it lasts
BOXES = (b"ftyp", b"styp", b"moov", b"moof", b"sidx", b"emsg", b"prft", b"free")
HEADS = {b"OggS": "ogg", b"RIFF": "wav", b"fLaC": "flac", b"\x1aE\xdf\xa3": "matroska"}


@dataclass(frozen=True)
class OpusPacket:
    """`pts`: samples at 48 kHz from the stream's first sound on; it never goes back,
    and jumps where sound is missing. `quiet`: it is known that nobody speaks in it."""

    pts: int
    data: bytes
    quiet: bool = False


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def sniff(first: bytes) -> str:
    """FFmpeg's name for the format of a stream that begins so. Raises NotMedia."""
    if first[:3] == b"ID3" and len(first) > 10:
        size = sum(byte << 7 * n for n, byte in enumerate(reversed(first[6:10])))
        first = first[10 + size :] or b"\xff\xf1"
    if first[:1] == b"G" and first[TS_PACKET : TS_PACKET + 1] in (b"", b"G"):
        return "mpegts"
    if first[4:8] in BOXES:
        return "mp4"
    if len(first) > 1 and first[0] == 0xFF and first[1] & 0xE0 == 0xE0:
        return "mp3" if first[1] & 6 else "aac"
    if first[:4] in HEADS:
        return HEADS[first[:4]]
    raise NotMedia("no MPEG-TS, MP4, AAC or MP3")


def demux(file: Readable, form: str) -> Iterator[OpusPacket]:
    """The first sound track of a stream, from its first byte to its last.

    Opus in one or two channels passes as it is; all else is decoded and encoded to
    mono Opus. Raises NotMedia, NoAudio, Undecodable; SourceUnreachable where it cannot
    be read on.
    """
    with _open(file, form) as container:
        stream = _sound_of(container)
        zero = (container.start_time or 0) / av.time_base
        course = Passing(zero) if _passes(stream) else Encoding(zero)
        try:
            for packet in packets_of(container, stream):
                yield from course.take(packet)
            broken = ""
        except av.FFmpegError as error:
            broken = error.strerror or "unreadable"
        yield from course.finish()
        if broken:
            raise SourceUnreachable(f"its stream breaks off: {broken}")


class _OnlyRead:
    """A file that cannot be sought in, whatever is behind it."""

    def __init__(self, file: Readable) -> None:
        self.read = file.read


def _open(file: Readable, form: str) -> Any:
    # it may name no other source
    options = PROBING | {"protocol_whitelist": "pipe", "format_whitelist": form}
    try:
        return av.open(
            _OnlyRead(file), format=form, options=options, metadata_errors="replace"
        )
    except (av.FFmpegError, OSError) as error:
        raise NotMedia(f"its stream cannot be read: {error.strerror}") from error


def _sound_of(container: Any) -> Any:
    try:
        return sound_streams(container)[0]
    except NoAudio as error:
        raise NoAudio("there is no sound in it") from error


def _passes(stream: Any) -> bool:
    return stream.codec_context.name in ("opus", "libopus") and stream.channels <= 2


class Passing:
    """Opus packets as they are, counted on one clock."""

    def __init__(self, zero: float) -> None:
        self._timeline = Timeline(zero)

    def take(self, packet: Any) -> Iterator[OpusPacket]:
        data = bytes(packet)
        if samples := opus_samples(data):
            stamp = None if packet.pts is None else float(packet.pts * packet.time_base)
            at = self._timeline.place(stamp)
            self._timeline.now = at + samples / OPUS_RATE
            yield OpusPacket(round(at * OPUS_RATE), data)

    def finish(self) -> Iterator[OpusPacket]:
        yield from ()


class LiveSound(StreamSound):
    """Sound without end; where some is missing, the count jumps."""

    def __init__(self, zero: float) -> None:
        super().__init__(OPUS_RATE, zero=zero, longest=math.inf, patience=0.0)

    def sane(self, pieces: Iterator[Any]) -> Iterator[Any]:
        """Leave out what cannot be resampled: a broken frame may claim any form."""
        try:
            yield from pieces
        except av.FFmpegError:
            self._resampler, self._form = None, None

    def _silence_until(self, at: float) -> Iterator[Any]:
        yield from self._flush()
        self.end = max(self.end, round(at * self.rate))


class Encoding:
    """Decoded sound, encoded to mono Opus."""

    def __init__(self, zero: float) -> None:
        self._sound = LiveSound(zero)
        self._encoder: Any = av.CodecContext.create("libopus", "w")
        self._encoder.sample_rate = OPUS_RATE
        self._encoder.layout, self._encoder.format = "mono", "s16"
        self._encoder.bit_rate = BIT_RATE
        self._held = np.empty(0, np.int16)
        self._position = 0  # of the first sample held
        # of blocks inside the encoder: where they begin, whether they are quiet
        self._blocks: deque[tuple[int, bool]] = deque()

    def take(self, packet: Any) -> Iterator[OpusPacket]:
        for frame in decoded(packet):
            yield from self._encode(self._sound.push(frame))

    def finish(self) -> Iterator[OpusPacket]:
        yield from self._encode(self._sound.finish())
        yield from self._fill_up()
        yield from self._packets(self._encoder.encode(None))

    def _encode(self, pieces: Iterator[Any]) -> Iterator[OpusPacket]:
        for sides in self._sound.sane(pieces):
            begin = self._sound.end - sides.shape[1]
            if begin != self._position + len(self._held):
                yield from self._fill_up()
                self._position = max(begin, self._position)
            self._held = np.concatenate([self._held, sides[0]])
            yield from self._whole_blocks()

    def _fill_up(self) -> Iterator[OpusPacket]:
        """End the block that is held with silence: what follows is elsewhere."""
        if missing := -len(self._held) % OPUS_FRAME:
            self._held = np.concatenate([self._held, np.zeros(missing, np.int16)])
        yield from self._whole_blocks()

    def _whole_blocks(self) -> Iterator[OpusPacket]:
        while len(self._held) >= OPUS_FRAME:
            block, self._held = self._held[:OPUS_FRAME], self._held[OPUS_FRAME:]
            frame = av.AudioFrame.from_ndarray(block[None, :], "s16", "mono")
            frame.sample_rate = OPUS_RATE
            quiet = bool(np.abs(block.astype(np.int32)).max() < QUIET)
            self._blocks.append((self._position, quiet))
            self._position += OPUS_FRAME
            yield from self._packets(self._encoder.encode(frame))

    def _packets(self, packets: Any) -> Iterator[OpusPacket]:
        for packet in packets:
            if self._blocks:
                position, quiet = self._blocks.popleft()
                yield OpusPacket(position, bytes(packet), quiet)
