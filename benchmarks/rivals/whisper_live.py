"""WhisperLive 0.10.0 (MIT): the last text again and again, batched over streams."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from benchmarks.rivals.environment import TORCH
from benchmarks.rivals.screen import Screen
from benchmarks.rivals.session import Launch, Refused, Session

# The wheel has no start script. Its limits on clients, time and admissions are raised,
# or it would refuse what is measured.
_START = """
import json, sys
from whisper_live.server import TranscriptionServer
TranscriptionServer().run("127.0.0.1", **json.loads(sys.argv[1]))
"""
_ALWAYS = {
    "backend": "faster_whisper",
    "max_clients": 64,
    "max_connection_time": 36_000,
}
_BATCHING = {
    "batch_enabled": True,
    "batch_max_size": 16,
    "batch_window_ms": 50,
    "batch_beam_size": 1,
    "batch_temperature_fallback": False,
    "batch_max_admissions_per_s": 1000.0,
    "batch_max_queue_wait_s": 1000.0,
}
_ALONE = {"batch_enabled": False, "single_model": True}


@dataclass(frozen=True)
class WhisperLive:
    """``repeats``: equal texts in a row that make a segment final, by default 10."""

    name: str
    batching: bool
    repeats: int = 10
    environment: str = "whisper-live"
    path: str = "/"
    steps: tuple[str, ...] = (
        TORCH,
        "--no-deps whisper-live==0.10.0",
        "faster-whisper==1.2.0 requests numpy>=1.26.4,<2.5 scipy websockets fastapi "
        "uvicorn python-multipart soundfile",
    )

    def command(self, launch: Launch) -> Sequence[str]:
        """Runs its server class."""
        options = _ALWAYS | (_BATCHING if self.batching else _ALONE)
        options |= {"port": launch.port}
        options |= {"faster_whisper_custom_model_path": str(launch.model)}
        return [str(launch.python), "-c", _START, json.dumps(options)]

    def session(self) -> Session:
        """A client with its VAD on, as its own client has it."""
        return _Session(self.repeats)


@dataclass
class _Session:
    repeats: int
    _completed: dict[tuple[str, str, str], str] = field(default_factory=dict)

    async def greet(self, socket: ClientConnection) -> None:
        hello = {
            "uid": uuid4().hex,
            "language": "en",
            "task": "transcribe",
            "model": "x",  # the folder is used in its place
            "use_vad": True,
            "audio_format": "int16",
            "send_last_n_segments": 10,
            "same_output_threshold": self.repeats,
        }
        await socket.send(json.dumps(hello))
        async for message in socket:
            event = json.loads(message)
            if event.get("status") == "WAIT":
                raise Refused(f"WAIT {event.get('message')}")
            if event.get("message") == "SERVER_READY":
                return

    def packet(self, samples: NDArray[np.int16]) -> bytes:
        return samples.tobytes()

    async def part(self, socket: ClientConnection) -> None:
        await socket.send(b"END_OF_AUDIO")

    def screen(self, message: str) -> Screen:
        segments = json.loads(message).get("segments", ())
        interim = ""
        for segment in segments:
            if segment.get("completed"):
                key = segment["start"], segment["end"], segment["text"]
                self._completed[key] = segment["text"]
            else:
                interim = segment["text"]
        return Screen(" ".join(self._completed.values()), interim)
