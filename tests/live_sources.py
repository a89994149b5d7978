"""Sources that send: an FFmpeg of its own, and a web server with dials for HLS."""

import asyncio
import subprocess
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import imageio_ffmpeg
from aiohttp import web

from meetings.media.ingress.base import Backoff, Ingress, IngressState

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
QUIETLY = [FFMPEG, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]

Try = tuple[bytes, Exception | float | None]


def tone(hertz: float, seconds: float) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=frequency={hertz}:duration={seconds}"]


def make(out: Path, *arguments: str) -> Path:
    """A file that FFmpeg writes, as fast as it can."""
    subprocess.run([*QUIETLY, *arguments, str(out)], check=True, timeout=30)
    return out


@asynccontextmanager
async def sending(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """An FFmpeg that runs meanwhile."""
    child = await asyncio.create_subprocess_exec(
        *QUIETLY, *arguments, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


class ScriptedIngress(Ingress):
    """A source that does what `tries` says: for each, bytes, and how it ends: by
    itself, by an error, or not for so many seconds.

    Dials: `first`, the share of a try's bytes after which it stalls; `resumed`, cleared
    it goes on stalling.
    """

    kind = "scripted"

    def __init__(self, *tries: Try, retry: Backoff | None = None) -> None:
        super().__init__("stage", "Stage", retry=retry)
        self.script = list(tries)
        self.first = 1.0
        self.resumed = threading.Event()
        self.resumed.set()
        self.told: list[tuple[IngressState, str]] = []
        self.listen(lambda state, error: self.told.append((state, error)))

    async def read(self) -> AsyncGenerator[bytes]:
        data, end = self.script.pop(0)
        first = round(self.first * len(data))
        for piece in filter(None, (data[:first], data[first:])):
            yield piece
            while not self.resumed.is_set():
                await asyncio.sleep(0.02)
        if isinstance(end, Exception):
            raise end
        await asyncio.sleep(end or 0)


class HLSServer:
    """Serves the folder of an HLS stream that FFmpeg wrote at once, as if it came now.

    Dials: `live`, a playlist of the newest `window` segments, one more every second,
    of which `begun` are there at first; `ends`, with its end mark after the last one;
    `frozen`, no more come; `missing`, names answered with 404; `moved`: name ->
    where a redirect leads; `texts`: name -> what is served in its place; `huge`, names
    that never end, `dripping`, byte by byte, `silent`, that are never answered.
    `asked` has the names, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live = False
        self.window = 3
        self.begun = 2
        self.ends = True
        self.frozen = False
        self.missing: set[str] = set()
        self.moved: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.huge: set[str] = set()
        self.silent: set[str] = set()
        self.dripping: set[str] = set()
        self.asked: list[str] = []
        self.url = ""
        self._since: float | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["HLSServer"]:
        app = web.Application()
        app.router.add_get("/{name:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        if name in self.moved:
            raise web.HTTPFound(self.moved[name])
        if name in self.silent:
            await asyncio.Event().wait()
        if name in self.huge:
            return await self._endless(request, 2**20, 0)
        if name in self.dripping:
            return await self._endless(request, 1, 0.05)
        if name in self.texts:
            return web.Response(text=self.texts[name])
        file = self.folder / name
        if name in self.missing or not file.is_file():
            raise web.HTTPNotFound()
        if name.endswith(".m3u8") and self.live:
            return web.Response(text=self._now(file.read_text()))
        return web.FileResponse(file)

    async def _endless(
        self, request: web.Request, piece: int, pause: float
    ) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(bytes(piece))
            await asyncio.sleep(pause)

    def _now(self, text: str) -> str:
        now = asyncio.get_running_loop().time()
        self._since = self._since or now
        parts = text.split("#EXTINF")
        head, segments = parts[0], [f"#EXTINF{part}" for part in parts[1:]]
        segments[-1] = segments[-1].replace("#EXT-X-ENDLIST", "").strip() + "\n"
        passed = 0 if self.frozen else int(now - self._since)
        there = min(len(segments), self.begun + passed)
        first = max(0, there - self.window)
        head = head.replace("MEDIA-SEQUENCE:0", f"MEDIA-SEQUENCE:{first}")
        over = self.ends and there == len(segments)
        return head + "".join(segments[first:there]) + "#EXT-X-ENDLIST\n" * over
