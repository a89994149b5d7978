"""Real Chromiums with fake microphones and cameras in a real room."""

import asyncio
import time
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import (
    Interrupted,
    Joined,
    Resumed,
    SegmentOpened,
    TrackPublished,
)
from meetings.media.pcm import load_pcm16k
from tests.meetings.media.conftest import CallHost, OpenPage, dominant_hertz

pytestmark = pytest.mark.e2e


async def receives(page: Page, person: str, kind: str, more_than: int = 20) -> None:
    """Wait until a browser has decoded somebody's sound or picture."""
    counter = "framesDecoded" if kind == "video" else "packetsReceived"
    count = f"async () => (await call.inbound('{person}', '{kind}'))?.{counter} ?? 0"
    await becomes_true(page, f"({count})().then((n) => n > {more_than})")


async def becomes_true(page: Page, condition: str, seconds: float = 20) -> None:
    """Wait for a condition in a browser, which may be a promise.

    Playwright's wait_for_function takes the promise itself for a true value.
    """
    end = time.monotonic() + seconds
    while not await page.evaluate(condition):
        assert time.monotonic() < end, f"never true: {condition}"
        await asyncio.sleep(0.05)


def heard(host: CallHost, person: str) -> Any:
    chunks = host.pcm.get(person, [])
    return (
        np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.empty(0)
    )


async def test_it_carries_two_people_and_records_only_who_agreed(
    host: CallHost, browser: OpenPage
) -> None:
    ann = await browser("ann", hertz=440, camera=True)
    bob = await browser("bob", hertz=880, camera=True, recorded=False)

    await asyncio.gather(
        receives(ann, "bob", "audio"),
        receives(bob, "ann", "audio"),
        receives(ann, "bob", "video"),
        receives(bob, "ann", "video"),
    )
    await host.until(lambda: len(heard(host, "ann")) > 3 * 16_000)

    assert abs(dominant_hertz(heard(host, "ann")[-16_000:]) - 440) < 20
    assert "bob" not in host.pcm
    assert host.room.participants["bob"].recorders == {}
    await host.server.close_room("standup")
    segments = RecordingManifest(host.record_dir).load().values()
    assert [(s.participant_id, s.state) for s in segments] == [("ann", "closed")]
    files = [path for path in host.record_dir.iterdir() if path.suffix == ".ogg"]
    assert len(files) == 1
    assert abs(dominant_hertz(load_pcm16k(files[0])[16_000:32_000]) - 440) < 20


async def test_it_takes_a_person_back_after_a_reload(
    host: CallHost, browser: OpenPage
) -> None:
    ann = await browser("ann")
    bob = await browser("bob", hertz=880)
    await receives(bob, "ann", "audio")

    await ann.reload()
    await host.until(lambda: host.of(Interrupted, "ann"), 5)
    away_ms = host.room.clock.at(time.time())
    await ann.evaluate(
        "([url]) => { window.call = new Call(url);"
        " return window.call.start({ camera: false }); }",
        [f"ws://{host.url}/ann/recorded"],
    )
    await host.until(lambda: len(host.of(SegmentOpened, "ann")) == 2)
    await host.until(lambda: host.of(Resumed, "ann"))
    await receives(ann, "bob", "audio")

    segments = RecordingManifest(host.record_dir).load().values()
    before, after = [s for s in segments if s.participant_id == "ann"]
    # No bound by the first one's length: what a busy browser sends in a burst lies
    # later than it was said. test_room holds that, with a sender that keeps time.
    assert before.offset_ms < away_ms <= after.offset_ms
    assert len(host.of(Joined, "ann")) == 1


async def test_it_misses_a_silent_browser_within_four_seconds(
    host: CallHost, browser: OpenPage
) -> None:
    ann = await browser("ann")
    await host.until(lambda: host.of(TrackPublished, "ann"))
    await ann.evaluate("call.pc.getSenders().forEach((s) => s.replaceTrack(null))")
    silent_at = time.monotonic()
    await host.until(lambda: host.of(Interrupted, "ann"), 6)
    assert 2.5 < time.monotonic() - silent_at < 4.5


async def test_a_late_browser_sees_the_picture_and_adds_seats(
    host: CallHost, browser: OpenPage
) -> None:
    await browser("ann", camera=True)
    await browser("bob", hertz=880)
    await host.until(lambda: "camera" in host.room.participants["ann"].published)
    cat = await browser("cat", hertz=660, seats=1)
    await asyncio.gather(
        receives(cat, "ann", "video"),
        receives(cat, "ann", "audio"),
        receives(cat, "bob", "audio"),
    )
    assert await cat.evaluate("[call.receivers, call.errors.length]") == [2, 0]
    seats = await cat.evaluate("Object.values(call.seats).map((s) => s.participant)")
    assert sorted(seats) == ["ann", "ann", "bob"]
