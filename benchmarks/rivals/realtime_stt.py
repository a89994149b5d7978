"""RealtimeSTT 1.1.2 (MIT): its server for several people, one model, one call each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection

from benchmarks.rivals.environment import TORCH
from benchmarks.rivals.screen import Screen
from benchmarks.rivals.session import Launch, Refused, Session


@dataclass(frozen=True)
class RealtimeStt:
    """Batch size 0: its default decodes without timestamps, worse and no faster."""

    name: str = "realtimestt"
    environment: str = "realtimestt"
    path: str = "/ws/transcribe"
    steps: tuple[str, ...] = (
        TORCH,
        "--no-deps realtimestt==1.1.2 silero-vad==6.2.3",
        "faster-whisper==1.2.1 webrtcvad-wheels==2.0.14 halo==0.0.31 colorama==0.4.6 "
        "scipy==1.17.1 websockets==16.0 websocket-client==1.9.0 soundfile==0.13.1 "
        "fastapi uvicorn requests",
    )

    def command(self, launch: Launch) -> Sequence[str]:
        """The server in its wheel; four people are its default, so that is raised."""
        return [
            *(str(launch.python), "-m", "example_fastapi_server.server"),
            *("--host", "127.0.0.1", "--port", str(launch.port)),
            *("--model", str(launch.model), "--realtime-model", str(launch.model)),
            *("--engine", "faster_whisper", "--use-main-model-for-realtime"),
            *("--device", "cpu", "--compute-type", "int8", "--language", "en"),
            *("--batch-size", "0", "--realtime-batch-size", "0"),
            *("--max-sessions", "64", "--max-active-speakers", "64"),
        ]

    def session(self) -> Session:
        """One person of the room."""
        return _Session()


@dataclass
class _Session:
    _segments: dict[str, str] = field(default_factory=dict)  # newest text, in order
    _final: set[str] = field(default_factory=set)

    async def greet(self, socket: ClientConnection) -> None:
        async for message in socket:
            event = json.loads(message)
            if event["type"] in ("error", "rejected"):
                raise Refused(str(event))
            if event["type"] == "ready":
                break
        await socket.send(json.dumps({"type": "start"}))

    def packet(self, samples: NDArray[np.int16]) -> bytes:
        about = {"sampleRate": 16_000, "channels": 1, "format": "pcm_s16le"}
        header = json.dumps(about | {"frames": len(samples)}).encode()
        return len(header).to_bytes(4, "little") + header + samples.tobytes()

    async def part(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "stop"}))

    def screen(self, message: str) -> Screen:
        event = json.loads(message)
        if event["type"] in ("realtime", "final"):
            segment = str(event["segmentId"])
            if segment not in self._final or event["type"] == "final":
                self._segments[segment] = event["text"]
        if event["type"] == "final":
            self._final.add(segment)
        return Screen(self._text(final=True), self._text(final=False))

    def _text(self, final: bool) -> str:
        chosen = (
            text
            for segment, text in self._segments.items()
            if (segment in self._final) == final
        )
        return " ".join(chosen)
