"""How many requests are at work at a time: one too many is told to come again."""

import asyncio
from collections.abc import Collection
from typing import Any

AT_WORK = 16  # requests; each sync view has a thread
WAITING = 64  # requests behind them
LONGEST_WAIT = 5.0  # seconds for a turn


class Busy:
    """Lets AT_WORK requests into ``app``, keeps WAITING for a moment, refuses others.

    ``free``: paths that are always let in, so that health is seen under load.
    """

    def __init__(self, app: Any, free: Collection[str] = ()) -> None:
        self._app = app
        self._free = free
        self._turns = asyncio.Semaphore(AT_WORK)
        self._waiting = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in self._free:
            await self._app(scope, receive, send)
        elif await self._turn():
            try:
                await self._app(scope, receive, send)
            finally:
                self._turns.release()
        else:
            await answer(
                send, 503, "Busy. Try again in a moment.", {"Retry-After": "2"}
            )

    async def _turn(self) -> bool:
        if self._waiting >= WAITING:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._turns.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return True


class Only:
    """Hands on the few ``paths`` that this process answers."""

    def __init__(self, app: Any, paths: Collection[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in self._paths:
            await self._app(scope, receive, send)
        else:
            await answer(send, 404, "Calls are held here; pages are elsewhere.")


async def answer(
    send: Any, status: int, text: str, headers: dict[str, str] | None = None
) -> None:
    """A plain answer of one line."""
    all_headers = {"Content-Type": "text/plain; charset=utf-8", **(headers or {})}
    pairs = [(k.lower().encode(), v.encode()) for k, v in all_headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
