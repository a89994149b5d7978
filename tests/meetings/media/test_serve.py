"""The media server that stands alone, as a process of its own without Django."""

import asyncio
import json
import os
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.pcm import load_pcm16k
from tests.live_sources import sending, tone
from tests.meetings.media.conftest import dominant_hertz
from tests.meetings.media.test_transcription import Service

SCRIPT = (
    "import sys; sys.modules['django'] = None\n"
    "from meetings.media.serve import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)
TS = ["-c:a", "aac", "-f", "mpegts"]
HTTP = ["--http", "127.0.0.1:0", "--token", "t0k"]


@dataclass
class Served:
    process: asyncio.subprocess.Process
    said: str

    def srt(self, name: str, token: str = "") -> str:
        url = re.search(r"srt://\S+", self.said)
        assert url is not None
        found = url[0].replace("ROOM", "standup").replace("NAME", name)
        return re.sub(r":[^:&]+&", f":{token}&", found) if token else found

    def http(self) -> str:
        url = re.search(r"http://[^/\s]+", self.said)
        assert url is not None
        return url[0]

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            return await self.process.wait()


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[Served]:
    environ = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT,
        "serve",
        *arguments,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            said = (await process.stdout.readuntil(b"ready\n")).decode()
        yield Served(process, said)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def recorded(folder: Path) -> Any:
    (manifest,) = folder.glob(f"standup/*/{RecordingManifest.NAME}")
    (segment,) = RecordingManifest(manifest.parent).load().values()
    return segment, load_pcm16k(manifest.parent / segment.file)


async def test_it_records_and_pipes_without_django(tmp_path: Path) -> None:
    service = Service()
    listener = await service.listen()
    options = ["--srt", "0", "--host", "127.0.0.1", "--pcm", service.url]
    async with serving("--record", str(tmp_path), *options) as served:
        url = served.srt("ann")
        async with sending("-re", *tone(660, 3), *TS, url) as caller:
            await caller.wait()
        assert await served.stop() == 0
    listener.close()
    await listener.wait_closed()

    segment, sound = recorded(tmp_path)
    assert segment.state == "closed" and segment.participant_id == "standup.ann"
    assert dominant_hertz(sound[8_000:40_000]) == pytest.approx(660, abs=1)
    (piped,) = service.sound.values()
    heard = np.frombuffer(piped, "<i2")
    assert dominant_hertz(heard[8_000:40_000]) == pytest.approx(660, abs=1)


@pytest.mark.parametrize("profile", ["baseline", "high"])
async def test_it_records_pictures_as_they_come(tmp_path: Path, profile: str) -> None:
    async with serving("--record", str(tmp_path), *HTTP) as served:
        address = f"{served.http()}/whip/standup/ann"
        picture = ["-re", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=20"]
        video = ["-c:v", "libx264", "-profile:v", profile, "-bf", "0", "-g", "20"]
        opus = ["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-pix_fmt", "yuv420p"]
        whip = ["-f", "whip", "-authorization", "t0k", address]
        sound = ["-re", *tone(660, 4)]
        async with sending(*picture, *sound, "-t", "4", *video, *opus, *whip) as ffmpeg:
            _, said = await ffmpeg.communicate()
        assert ffmpeg.returncode == 0, said
        assert await served.stop() == 0
    (path,) = tmp_path.glob("standup/*/*.mp4")
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert frames[0].width == 64 and len(frames) > 40


async def test_it_repairs_what_a_crash_left(tmp_path: Path) -> None:
    options = ["--record", str(tmp_path), "--srt", "0", "--host", "127.0.0.1"]
    async with (
        serving(*options) as served,
        sending("-re", *tone(660, 30), *TS, served.srt("ann")),
    ):
        async with asyncio.timeout(15):
            while not list(tmp_path.glob("standup/*/*.ogg")):
                await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        served.process.kill()
    assert recorded(tmp_path)[0].state == "open"

    async with serving(*options):
        pass

    segment, sound = recorded(tmp_path)
    assert segment.state == "repaired" and segment.duration_ms > 1_000
    assert dominant_hertz(sound) == pytest.approx(660, abs=1)


async def test_it_lets_nobody_in_without_the_token(tmp_path: Path) -> None:
    options = ["--record", str(tmp_path), "--srt", "0", "--host", "127.0.0.1"]
    async with serving(*options) as served:
        for url in (served.srt("ann", token="wrong"), served.srt("../../etc")):
            async with sending(*tone(660, 3), *TS, url) as caller:
                assert await caller.wait() != 0
    assert not list(tmp_path.iterdir())


async def test_it_takes_who_publishes_by_whip(tmp_path: Path) -> None:
    async with serving("--record", str(tmp_path), *HTTP) as served:
        url = f"{served.http()}/whip/standup/ann"
        opus = ["-c:a", "libopus", "-ar", "48000", "-ac", "2"]
        whip = [*opus, "-f", "whip", "-authorization"]
        async with sending("-re", *tone(660, 4), *whip, "t0k", url) as publisher:
            await publisher.wait()
        async with sending("-re", *tone(660, 4), *whip, "wrong", url) as stranger:
            assert await stranger.wait() != 0
        assert await served.stop() == 0
    _, sound = recorded(tmp_path)
    assert dominant_hertz(sound[8_000:40_000]) == pytest.approx(660, abs=1)


async def test_who_has_the_token_is_told_of_relays(tmp_path: Path) -> None:
    ice = ["--ice", "turn:ann:s3cret@turn.example", "--ice", "stun:stun.example"]
    async with serving("--record", str(tmp_path), *HTTP, *ice) as served:
        url = f"{served.http()}/whip/standup/ann"
        told = [await asyncio.to_thread(links, url, token) for token in ("t0k", "")]
    assert '<turn:turn.example>; rel="ice-server"; username="ann"' in told[0]
    assert "<stun:stun.example>" in told[0] and not told[1]


def links(url: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers, method="OPTIONS")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.headers.get("Link", ""))


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("whip/standup/ann", "wrong", 401),
        ("whip/standup", "t0k", 404),
        ("whip/a/b/c", "t0k", 404),
        ("whip/..%2f..%2fetc/ann", "t0k", 404),
        ("whip/..%00/ann", "t0k", 400),
        ("whip/standup/ann", "t0k", 400),  # no offer
        ("whep/standup", "wrong", 401),
        ("whep/standup", "t0k", 400),
    ],
)
async def test_it_answers_strange_requests_with_a_status(
    path: str, token: str, status: int, web: str
) -> None:
    url = f"{web}/{path}"
    assert await asyncio.to_thread(post_offer, url, token) == status


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[str]:
    async with serving("--record", str(tmp_path), *HTTP) as served:
        yield served.http()


def post_offer(url: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    request = urllib.request.Request(url, b"v=0", headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


async def test_it_says_how_it_is(web: str) -> None:
    got = await asyncio.to_thread(get_json, f"{web}/stats")
    assert got == {"rooms": 0, "participants": 0, "packets_lost": 0, "packets_late": 0}


def get_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)
