"""A bounded Daphne with a small application: python -m tests.bounded_server PORT."""

import asyncio
import sys
from typing import Any

from daphne.endpoints import build_endpoint_description_strings

from config.http.bounded import Server

PIECE = b"x" * 64 * 1024
PIECES = 1600  # 100 MB
CLOSE = {"type": "websocket.close", "code": 4503}
closing: list[Any] = []  # asyncio keeps no task


async def application(scope: Any, receive: Any, send: Any) -> None:
    """/flood sends PIECES, also over a websocket; else the size of the body."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/closing":
            asyncio.get_running_loop().call_later(0.5, _close, send)
        for _ in range(PIECES):
            await send({"type": "websocket.send", "bytes": PIECE})
        await send({"type": "websocket.close", "code": 1000})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/flood":
        for _ in range(PIECES):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    root = scope["root_path"].encode()
    await send({"type": "http.response.body", "body": b"%d %s" % (size, root)})


def _close(send: Any) -> None:
    """What happens to a viewer who is too slow, while a message waits for him."""
    closing.append(asyncio.ensure_future(send(CLOSE)))


if __name__ == "__main__":
    endpoints = build_endpoint_description_strings(
        host="127.0.0.1", port=int(sys.argv[1])
    )
    Server(application, endpoints=endpoints, signal_handlers=False).run()
