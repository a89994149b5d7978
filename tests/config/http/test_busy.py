"""How many requests are at work at a time."""

import asyncio
from typing import Any

import pytest

from config.http import busy
from config.http.busy import AT_WORK, WAITING, Busy, Only


class Slow:
    """An application that answers when ``go`` is set, and counts who is inside."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.inside = self.most = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.inside -= 1
        await busy.answer(send, 200, "done")


async def ask(app: Any, path: str = "/") -> int:
    """The status of an answer."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http", "path": path}, None, send)
    return int(sent[0]["status"])


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_lets_so_many_work_and_the_others_wait() -> None:
    slow = Slow()
    app = Busy(slow)
    asked = [asyncio.create_task(ask(app)) for _ in range(AT_WORK + 5)]
    await settled()
    assert slow.inside == AT_WORK
    slow.go.set()
    assert await asyncio.gather(*asked) == [200] * (AT_WORK + 5)
    assert slow.most == AT_WORK


async def test_it_refuses_one_too_many_at_once() -> None:
    slow = Slow()
    app = Busy(slow)
    asked = [asyncio.create_task(ask(app)) for _ in range(AT_WORK + WAITING)]
    await settled()
    assert await ask(app) == 503
    slow.go.set()
    assert set(await asyncio.gather(*asked)) == {200}
    assert await ask(app) == 200


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "LONGEST_WAIT", 0.05)
    slow = Slow()
    app = Busy(slow)
    working = [asyncio.create_task(ask(app)) for _ in range(AT_WORK)]
    await settled()
    assert await ask(app) == 503
    slow.go.set()
    await asyncio.gather(*working)


async def test_a_turn_comes_back_after_a_fault_and_after_who_left() -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a view failed")

    app = Busy(fail)
    for _ in range(AT_WORK + 1):
        with pytest.raises(RuntimeError):
            await ask(app)
    slow = Slow()
    app = Busy(slow)
    left = [asyncio.create_task(ask(app)) for _ in range(AT_WORK)]
    await settled()
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    slow.go.set()
    assert await ask(app) == 200


async def test_health_is_seen_under_load() -> None:
    slow = Slow()
    app = Busy(slow, free=("/livez",))
    asked = [asyncio.create_task(ask(app)) for _ in range(AT_WORK)]
    await settled()
    health = asyncio.create_task(ask(app, "/livez"))
    await settled()
    assert slow.inside == AT_WORK + 1
    slow.go.set()
    assert await health == 200
    await asyncio.gather(*asked)


async def test_a_process_answers_only_what_is_its_own() -> None:
    slow = Slow()
    slow.go.set()
    app = Only(slow, ("/livez",))
    assert (await ask(app, "/livez"), await ask(app, "/")) == (200, 404)
