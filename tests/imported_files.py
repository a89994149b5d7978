"""Recordings as people have them (tests/data/imports), and WAV files made to order."""

import json
import struct
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.pcm import load_pcm16k

IMPORTS = Path(__file__).parent / "data" / "imports"
GSM_FRAME = 33  # bytes, 20 ms
GSM_BITS = [6, 6, 5, 5, 4, 4, 3, 3, *[7, 2, 2, 6, *[3] * 13] * 4]  # of its parameters
LOUD = 0.03  # of full scale: the espeak voices, and no noise of a codec

Word = tuple[str, float, float]  # text, start and end in s


def words_of(name: str, track: int = 0) -> list[Word]:
    """What is said in a track of a file, on the file's clock."""
    expected = json.loads((IMPORTS / "expected.json").read_text())
    return [tuple(word) for word in expected[name][track]]


def first_word(name: str) -> float:
    """When somebody begins to speak, in seconds."""
    return words_of(name)[0][1]


def speech_begins(path: Path) -> float:
    """When the first sound is heard in a file, in seconds of its samples."""
    return float(np.argmax(np.abs(load_pcm16k(path)) > LOUD)) / 16_000


def tone(seconds: float, hertz: float = 440.0, rate: int = 16_000) -> Any:
    """int16, a third of full scale."""
    at = np.arange(round(seconds * rate)) / rate
    return (12_000 * np.sin(2 * np.pi * hertz * at)).astype("<i2")


def wav(path: Path, *sides: Any, seconds: float = 1.0, rate: int = 16_000) -> Path:
    """A WAV file of these sides (int16); one tone where none is given."""
    columns = sides or (tone(seconds, rate=rate),)
    with wave.open(str(path), "wb") as file:
        file.setparams((len(columns), 2, rate, 0, "NONE", ""))
        file.writeframes(np.stack(columns, axis=1).tobytes())
    return path


def piped(path: Path, size: int) -> Path:
    """anna.ogg as WAV, written to a pipe: its header claims so many bytes."""
    content = bytearray(wav(path, anna()).read_bytes())
    content[4:8] = struct.pack("<I", min(size + 36, 0xFFFFFFFF))
    content[40:44] = struct.pack("<I", size)
    path.write_bytes(content)
    return path


def au(path: Path) -> Path:
    """anna.ogg in Sun's format, by the mu law."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_mulaw", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(anna()[None, :], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def wav49(path: Path) -> Path:
    """raw.gsm as telephone systems write it into a WAV file: two frames in 65 bytes."""
    raw = (IMPORTS / "raw.gsm").read_bytes()
    frames = [raw[at : at + GSM_FRAME] for at in range(0, len(raw), GSM_FRAME)]
    pairs = zip(frames[::2], frames[1::2], strict=False)
    data = b"".join(_two_frames(*pair) for pair in pairs)
    head = struct.pack("<HHIIHHHH", 49, 1, 8_000, 1_625, 65, 0, 2, 320)
    chunks = b"WAVE" + _chunk(b"fmt ", head) + _chunk(b"data", data)
    path.write_bytes(_chunk(b"RIFF", chunks))
    return path


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _two_frames(*frames: bytes) -> bytes:
    """The same parameters, the lowest bit first, and no mark in front of them."""
    bits, filled = 0, 0
    for frame in frames:
        left, size = int.from_bytes(frame, "big"), 8 * GSM_FRAME - 4
        for width in GSM_BITS:
            size -= width
            bits |= (left >> size & (1 << width) - 1) << filled
            filled += width
    return bits.to_bytes(65, "little")


def anna() -> Any:
    """anna.ogg as int16 at 16 kHz."""
    return (load_pcm16k(IMPORTS / "anna.ogg") * 32_767).astype("<i2")
