"""Programs that speak HTTP to the calls process: sources, and players."""

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import HttpCommunicator

from meetings.models import Source
from meetings.sources import services

Add = Callable[..., services.Added]
SDP = "application/sdp"


async def ask(
    method: str,
    path: str,
    body: str | bytes = b"",
    token: str = "",
    kind: str = SDP,
) -> Any:
    """One request to the calls process: {"status", "headers", "body"}."""
    from config.asgi import application

    headers = [(b"content-type", kind.encode())]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    data = body.encode() if isinstance(body, str) else body
    asking = HttpCommunicator(application, method, path, data, headers)
    answer = await asking.get_response(timeout=10)
    answer["headers"] = {k.decode(): v.decode() for k, v in answer["headers"]}
    return answer


def state_of(source: Source) -> tuple[str, str]:
    """State and reason of a source, as its row has them now."""
    source.refresh_from_db()
    return source.state, source.reason


async def until(true: Callable[[], Any], seconds: float = 15) -> Any:
    """Wait for what the database says."""
    look = sync_to_async(true)
    async with asyncio.timeout(seconds):
        while not (value := await look()):
            await asyncio.sleep(0.05)
    return value
