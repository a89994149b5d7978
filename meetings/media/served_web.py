"""The HTTP face of the server that stands alone: WHIP, WHEP and statistics."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from meetings.media.errors import MediaError, Unauthorized
from meetings.media.ingress.whip import (
    Door,
    HTTPRequest,
    Player,
    Publisher,
    WHEPHandler,
    WHIPHandler,
)
from meetings.media.room import Room
from meetings.media.server import MediaServer

# The room of a path's name, opened if need be; on the media loop. Raises MediaError.
OpenRoom = Callable[[str, str], Awaitable[Room]]


def web_app(server: MediaServer, token: str, open_room: OpenRoom) -> web.Application:
    """`/whip/ROOM/NAME`, `/whep/ROOM[/NAME]` for who has the token, and `/stats`."""

    def check(given: str) -> None:
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthorized

    async def publish(given: str, path: str) -> Door:
        check(given)
        room, name = _names(path, 2)
        await server.loop.call(_opened(open_room, room, name))
        return Publisher(server, room, f"{room}.{name}", name, video=True)

    async def play(given: str, path: str) -> Door:
        check(given)
        room, *name = _names(path, 1, 2)
        return Player(server, room, f"{room}.{name[0]}" if name else None)

    async def stats(request: web.Request) -> web.Response:
        return web.json_response(server.stats())

    app = web.Application(client_max_size=2 * server.config.max_sdp_bytes)
    app.router.add_get("/stats", stats)
    _mount(app, "/whip/{rest:.+}", WHIPHandler(server, publish))
    _mount(app, "/whep/{rest:.+}", WHEPHandler(server, play))
    return app


async def _opened(open_room: OpenRoom, room: str, name: str) -> None:
    await open_room(room, name)


def _names(path: str, *counts: int) -> list[str]:
    names = path.strip("/").split("/")[1:]
    if len(names) not in counts:
        raise MediaError("not_found", 404, "nothing of that name")
    return names


def _mount(app: web.Application, path: str, handler: WHIPHandler) -> None:
    async def answer(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        asked = HTTPRequest(request.method, request.path, headers, body)
        given = await handler.handle(asked)
        return web.Response(
            status=given.status, headers=given.headers, body=given.body or None
        )

    app.router.add_route("*", path, answer)
