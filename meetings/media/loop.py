import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

LAST_WORDS = 0.5  # s for what is cancelled when the loop ends


class MediaLoop(threading.Thread):
    """An event loop on a thread of its own, where all of aiortc lives.

    Slow request handlers cannot delay its packets. Nothing made on this loop may be
    awaited from another one: cross over with `submit` (any thread) or `call` (asyncio).
    """

    def __init__(self, name: str = "media-loop") -> None:
        super().__init__(name=name, daemon=True)
        self._loop = asyncio.new_event_loop()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._cancel_the_rest()
        self._loop.close()

    def _cancel_the_rest(self) -> None:
        """What still runs lets go of its sockets, as the last words to a relay do."""
        if tasks := asyncio.all_tasks(self._loop):
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=LAST_WORDS))

    def submit(self, coro: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the media loop from any thread."""
        return asyncio.run_coroutine_threadsafe(coro, self._loop)

    def soon(self, function: Callable[..., object], *words: Any) -> None:
        """Call a function on the loop from any thread."""
        self._loop.call_soon_threadsafe(function, *words)

    async def call(self, coro: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine of the media loop from another asyncio loop."""
        return await asyncio.wrap_future(self.submit(coro))

    def stop(self, timeout: float = 3.0) -> None:
        """End the loop and wait for its thread; seconds."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join(timeout)
