"""The naive loop as a server: ``naive_server.py MODEL_FOLDER PORT``.

Runs in an environment of its own, so it imports nothing of this project. A buffer per
stream; each second it is cut to its first speech and written down anew. When nobody has
spoken for 0.8 s, or at 25 s, that text is final and the buffer is empty.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray
from websockets.asyncio.server import ServerConnection, serve

RATE = 16_000
EVERY = 1.0  # s between two decodes
SILENCE = 0.8  # s after speech that end a line
LONGEST = 25.0  # s of a line
Sound = NDArray[np.float32]
VAD = VadOptions(min_silence_duration_ms=300, speech_pad_ms=200)


class Written(NamedTuple):
    """What a decode gave; ``cut`` samples of the buffer are no longer needed."""

    text: str
    final: bool
    cut: int


def write_down(model: Any, sound: Sound) -> Written | None:
    """One decode of the buffer from its first speech on."""
    spans = get_speech_timestamps(sound, VAD)
    if not spans:
        cut = max(len(sound) - RATE, 0)
        return Written("", False, cut) if cut else None
    first = spans[0]["start"]
    segments, _ = model.transcribe(
        sound[first:], beam_size=5, language="en", condition_on_previous_text=False
    )
    text = " ".join(segment.text.strip() for segment in segments)
    quiet, length = len(sound) - spans[-1]["end"], len(sound) - first
    final = quiet > SILENCE * RATE or length >= LONGEST * RATE
    return Written(text, final, len(sound) if final else first)


@dataclass
class Buffer:
    """The sound of one stream that is not final yet."""

    sound: Sound = field(default_factory=lambda: np.zeros(0, np.float32))

    def hear(self, samples: bytes) -> None:
        """Take int16 samples."""
        heard = np.frombuffer(samples, np.int16).astype(np.float32) / 32768
        self.sound = np.concatenate([self.sound, heard])


async def listen(model: Any, lock: Lock, socket: ServerConnection) -> None:
    """Serve one stream until it ends."""
    await socket.send("{}")
    buffer, ended = Buffer(), asyncio.Event()
    writing = asyncio.create_task(write(model, lock, socket, buffer, ended))
    async for message in socket:
        if isinstance(message, str):
            break
        buffer.hear(message)
    ended.set()
    await writing


async def write(
    model: Any,
    lock: Lock,
    socket: ServerConnection,
    buffer: Buffer,
    ended: asyncio.Event,
) -> None:
    """Send the text of a buffer each second, and once more at the end."""

    def locked(sound: Sound) -> Written | None:
        with lock:
            return write_down(model, sound)

    over = False
    while not over:
        over = ended.is_set()
        written = await asyncio.to_thread(locked, buffer.sound)
        if written:
            event = {"text": written.text, "final": written.final or over}
            await socket.send(json.dumps(event))
            buffer.sound = buffer.sound[written.cut :]
        if not over:
            await asyncio.wait([asyncio.create_task(ended.wait())], timeout=EVERY)


async def main() -> None:
    """Load, then serve for ever."""
    model, lock = WhisperModel(sys.argv[1], device="cpu", compute_type="int8"), Lock()
    async with serve(
        lambda socket: listen(model, lock, socket), "127.0.0.1", int(sys.argv[2])
    ) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
