"""A media server that stands alone: sources come in, files and sound go out.

    python -m meetings.media serve --record DIR --http :8080 --srt 9000 --pcm ws://...

It has no users, no database and no settings: whoever has the token may send.
"""

import argparse
import asyncio
import hmac
import re
import secrets
import signal
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from meetings.media.config import ICEServer, MediaConfig
from meetings.media.egress.manifest import RecordingManifest, repair_all
from meetings.media.egress.websocket import WebSocketPCMEgress
from meetings.media.errors import MediaError
from meetings.media.ingress.srt_listener import (
    Grant,
    Reject,
    SRTListener,
    parse_stream_id,
)
from meetings.media.room import Room
from meetings.media.served_web import web_app
from meetings.media.server import MediaServer
from meetings.media.turn import ice_server

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # of rooms and people


@dataclass(frozen=True)
class Options:
    """`passphrase`: 10 to 79 characters, for SRT. `http`: "HOST:PORT"."""

    record: Path
    token: str
    passphrase: str
    http: str = ""
    srt: int | None = None
    pcm: str = ""
    host: str = "0.0.0.0"
    ice: list[ICEServer] = field(default_factory=list)
    public_ip: str = ""


class ServedRooms:
    """Rooms that open with the first one who comes; a folder for each opening."""

    def __init__(self, server: MediaServer, options: Options) -> None:
        self._server = server
        self._options = options
        self._egresses: dict[str, WebSocketPCMEgress] = {}
        self._opening = asyncio.Lock()

    async def open(self, name: str, who: str) -> Room:
        """Where `who` may go; on the media loop. Raises MediaError for odd names."""
        if not NAME.fullmatch(name) or not NAME.fullmatch(who):
            raise MediaError("bad_name", 400, "names are letters, digits, and . _ -")
        async with self._opening:
            if (room := self._server.room(name)) is not None:
                return room
            began = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            folder = self._options.record / name / began
            room = await self._server.open_room(name, folder, time.time())
            if self._options.pcm:
                self._egresses[name] = WebSocketPCMEgress(self._options.pcm)
                await self._egresses[name].start(room)
            return room

    def authorize(self, stream_id: str) -> Grant | Reject:
        """Who calls by SRT."""
        try:
            asked = parse_stream_id(stream_id)
        except ValueError:
            return Reject.BAD_REQUEST
        if not hmac.compare_digest(asked.token.encode(), self._options.token.encode()):
            return Reject.UNAUTHORIZED
        if not NAME.fullmatch(asked.room) or not NAME.fullmatch(asked.label):
            return Reject.BAD_REQUEST
        return Grant(
            room=lambda: self.open(asked.room, asked.label),
            participant_id=f"{asked.room}.{asked.label}",
            label=asked.label,
            passphrase=self._options.passphrase,
        )

    async def close(self) -> None:
        await asyncio.gather(*(egress.stop() for egress in self._egresses.values()))


async def serve(options: Options, stopped: asyncio.Event) -> None:
    """Until `stopped`; every file is whole afterwards. Raises MediaError, OSError."""
    for manifest in options.record.glob(f"*/*/{RecordingManifest.NAME}"):
        repair_all(manifest.parent)
    config = MediaConfig(tuple(options.ice), options.public_ip or None)
    server = MediaServer(config)
    server.start()
    rooms = ServedRooms(server, options)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.stop)
        stack.push_async_callback(lambda: server.loop.call(rooms.close()))
        if options.srt is not None:
            listener = SRTListener(options.host, options.srt, rooms.authorize)
            await server.loop.call(listener.start())
            stack.push_async_callback(lambda: server.loop.call(listener.stop()))
            _say_srt(options, listener.port)
        if options.http:
            app = web_app(server, options.token, rooms.open)
            await _serve_http(options, app, stack)
        print("ready", flush=True)
        await stopped.wait()


async def _serve_http(
    options: Options, app: web.Application, stack: AsyncExitStack
) -> None:
    host, _, port = options.http.rpartition(":")
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host or "0.0.0.0", int(port)).start()
    url = f"http://{host or '0.0.0.0'}:{runner.addresses[0][1]}"
    print(f"{url}/whip/ROOM/NAME with the token {options.token}", flush=True)


def _say_srt(options: Options, port: int) -> None:
    stream_id = f"publish:ROOM:NAME:{options.token}"
    secret = f"&passphrase={options.passphrase}" if options.passphrase else ""
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"srt://{host}:{port}?streamid={stream_id}{secret}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    options = _read(arguments)
    try:
        asyncio.run(_until_signal(options))
    except (MediaError, OSError) as error:
        print(f"cannot serve: {error}")
        return 1
    return 0


async def _until_signal(options: Options) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await serve(options, stopped)


def _read(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m meetings.media")
    command = parser.add_subparsers(required=True).add_parser(
        "serve", help="take sources in, record them, and pipe their sound on"
    )
    command.add_argument("--record", type=Path, required=True, metavar="DIR")
    command.add_argument("--srt", type=int, metavar="PORT", help="take SRT callers")
    command.add_argument(
        "--http", default="", metavar="HOST:PORT", help="take WHIP and WHEP"
    )
    command.add_argument("--pcm", default="", metavar="ws://...", help="16 kHz sound")
    command.add_argument(
        "--ice",
        type=ice_server,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="stun:host or turn:user:password@host; may be given again",
    )
    command.add_argument("--public-ip", default="", help="for media, behind NAT")
    command.add_argument("--host", default="0.0.0.0", help="for SRT; :: for all")
    command.add_argument("--token", default=secrets.token_urlsafe(16))
    command.add_argument("--passphrase", default=secrets.token_urlsafe(16))
    return Options(**vars(parser.parse_args(arguments)))
