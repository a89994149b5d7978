"""WhisperLiveKit 0.2.26 (Apache-2.0): LocalAgreement over a growing buffer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from benchmarks.rivals.environment import TORCH
from benchmarks.rivals.screen import Screen
from benchmarks.rivals.session import Launch, Session

_SILENCE = -2  # the speaker of a line without words


@dataclass(frozen=True)
class WhisperLiveKit:
    """``step``: the least sound of a decode in seconds; its own default without."""

    name: str
    step: float | None = None
    environment: str = "whisperlivekit"
    path: str = "/asr"
    steps: tuple[str, ...] = (
        TORCH,
        "--no-deps whisperlivekit==0.2.26",
        "fastapi>=0.141.1 librosa soundfile uvicorn websockets huggingface-hub "
        "faster-whisper>=1.2.0 tqdm tiktoken python-multipart>=0.0.31 "
        "starlette>=1.3.1",
    )

    def command(self, launch: Launch) -> Sequence[str]:
        """Its own script. AlignAtt, its other policy, needs PyTorch weights."""
        options = [
            *("serve", "--host", "127.0.0.1", "--port", str(launch.port)),
            *("--backend-policy", "localagreement", "--backend", "faster-whisper"),
            *("--model_dir", str(launch.model), "--lan", "en", "--pcm-input"),
            *("--warmup-file", ""),  # else it looks for a sample on the network
        ]
        if self.step is not None:
            options += ["--asr-coalesce-min-s", str(self.step)]
        return [str(launch.python.with_name("wlk")), *options]

    def session(self) -> Session:
        """A client in the full mode, which sends the whole text each time."""
        return _Session()


class _Session:
    async def greet(self, socket: ClientConnection) -> None:
        await socket.recv()  # its settings

    def packet(self, samples: NDArray[np.int16]) -> bytes:
        return samples.tobytes()

    async def part(self, socket: ClientConnection) -> None:
        await socket.send(b"")

    def screen(self, message: str) -> Screen:
        return self._screen(json.loads(message))

    _last = Screen()

    def _screen(self, event: dict[str, object]) -> Screen:
        lines = event.get("lines")
        if isinstance(lines, list):
            said = [line["text"] or "" for line in lines if line["speaker"] != _SILENCE]
            interim = str(event.get("buffer_transcription") or "")
            self._last = Screen(" ".join(said), interim)
        return self._last
