"""Live streams are taken apart in a process of their own, for nobody vouches.

What makes FFmpeg crash or swell ends that one source: the calls of this process, whose
media loop it never reaches, go on. The pipes between them are the bounded buffer: who
sends faster than real time waits.

`python -m meetings.media.ingress.demuxer FORMAT` reads the stream from its standard
input and writes records: a letter, a count of samples, a size, and so many bytes. "P"
is an Opus packet, "Q" a quiet one; "E", once and last, a JSON object with the code and
the detail of an error.
"""

import asyncio
import json
import os
import struct
import sys
from pathlib import Path
from typing import Any, Self

from meetings.media.errors import MediaError, SourceUnreachable
from meetings.media.ingress.demux import OpusPacket, demux
from meetings.media.probe import limit_self

RECORD = struct.Struct(">cqH")  # letter, samples, size
AHEAD = 1500  # packets, 30 s, that may wait until they are due
CPU_SECONDS = 24 * 3600  # weeks of sound; a stream that makes FFmpeg spin ends


class Demuxer:
    """A stream on its way into Opus packets. `async with`, `feed`, `get`, `end`."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._found: asyncio.Queue[OpusPacket | MediaError | None]
        self._found = asyncio.Queue(AHEAD)

    async def __aenter__(self) -> Self:
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "meetings.media.ingress.demuxer",
            self._form,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[3],
            env={"PATH": os.defpath},  # it needs none of our secrets
            start_new_session=True,  # Ctrl-C is for us, who end it in order
        )
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._reading.cancel()
        if self._child.returncode is None:
            self._child.kill()
        await self._child.wait()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._stdin.close()

    async def feed(self, chunk: bytes) -> None:
        """Take bytes; returns when there is room for more."""
        try:
            self._stdin.write(chunk)
            await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has ended; `get` says why

    def end(self) -> None:
        """There is no more; what came is still taken apart."""
        self._stdin.close()

    async def get(self) -> OpusPacket | None:
        """The next packet; None after the last one. Raises what `demux` does."""
        found = await self._found.get()
        if isinstance(found, MediaError):
            raise found
        return found

    @property
    def waiting(self) -> int:
        """Packets that are there, and have not been got."""
        return self._found.qsize()

    @property
    def _stdin(self) -> asyncio.StreamWriter:
        assert self._child.stdin is not None
        return self._child.stdin

    async def _read(self) -> None:
        assert self._child.stdout is not None
        try:
            while True:
                head = await self._child.stdout.readexactly(RECORD.size)
                letter, samples, size = RECORD.unpack(head)
                data = await self._child.stdout.readexactly(size)
                if letter == b"E":
                    return await self._found.put(_error(data))
                packet = OpusPacket(samples, data, quiet=letter == b"Q")
                await self._found.put(packet)
        except asyncio.IncompleteReadError:
            await self._found.put(self._end(await self._child.wait()))

    def _end(self, status: int) -> MediaError | None:
        if status == 0:
            return None
        return SourceUnreachable(f"its stream made the reader end with {status}")


def _error(data: bytes) -> MediaError:
    said = json.loads(data)
    if said["code"] == "source_unreachable":
        return SourceUnreachable(said["detail"])
    return MediaError(said["code"], detail=said["detail"])


def main(form: str) -> None:
    limit_self(CPU_SECONDS)
    with open(0, "rb", buffering=0) as stream, open(1, "wb", buffering=0) as out:
        try:
            for packet in demux(stream, form):
                letter = b"Q" if packet.quiet else b"P"
                _write(out, letter, packet.pts, packet.data)
        except MediaError as error:
            said = {"code": error.code, "detail": error.detail[:1000]}
            _write(out, b"E", 0, json.dumps(said).encode())


def _write(out: Any, letter: bytes, samples: int, data: bytes) -> None:
    record = RECORD.pack(letter, samples, len(data)) + data
    while record:
        record = record[out.write(record) :]


if __name__ == "__main__":
    main(sys.argv[1])
