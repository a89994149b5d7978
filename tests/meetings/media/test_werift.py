"""A second WebRTC stack, werift, publishes by WHIP and plays by WHEP."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meetings.media.pcm import PCMDecoder
from tests.fakes import opus_tone
from tests.meetings.media.conftest import dominant_hertz
from tests.meetings.media.test_serve import HTTP, recorded, serving

PEER = Path(__file__).with_name("werift_peer.mjs")
TOKEN = HTTP[-1]


@asynccontextmanager
async def werift(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """It runs meanwhile."""
    node = shutil.which("node")
    assert node, "node is missing: make setup brings it"
    child = await asyncio.create_subprocess_exec(
        *(node, str(PEER), *words), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def end_of(child: asyncio.subprocess.Process) -> dict[str, Any]:
    """What it says when it has done what it was told."""
    async with asyncio.timeout(30):
        said, _ = await child.communicate()
    assert child.returncode == 0
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def decoded(packets: list[bytes]) -> Any:
    decoder = PCMDecoder()
    chunks = [decoder.push(20 * n, data) for n, data in enumerate(packets)]
    return np.concatenate([chunk.samples for chunk in chunks])


async def test_werift_publishes_and_plays(tmp_path: Path) -> None:
    packets = tmp_path / "packets.json"
    sent = opus_tone(660, 2)
    packets.write_text(json.dumps([base64.b64encode(p).decode() for p in sent]))
    async with serving("--record", str(tmp_path), *HTTP) as served:
        whip, whep = (f"{served.http()}/{kind}/standup" for kind in ("whip", "whep"))
        async with werift("publish", f"{whip}/ann", TOKEN, str(packets)) as publisher:
            async with asyncio.timeout(20):
                while not list(tmp_path.glob("standup/*/*.ogg")):
                    await asyncio.sleep(0.05)
            async with werift("play", f"{whep}/ann", TOKEN, "100") as player:
                played = await end_of(player)
            publisher.terminate()
            published = await end_of(publisher)
        assert await served.stop() == 0
    assert published["status"] == played["status"] == 200  # of their DELETE

    _, sound = recorded(tmp_path)
    assert dominant_hertz(sound[8_000:40_000]) == pytest.approx(660, abs=1)
    heard = [base64.b64decode(packet) for packet in played["packets"]]
    assert set(heard) <= set(sent)  # bit for bit
    assert dominant_hertz(decoded(heard)[8_000:]) == pytest.approx(660, abs=1)
