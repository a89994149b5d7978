import asyncio
import json
import shutil
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from meetings.media.config import MediaConfig
from meetings.media.errors import MediaError
from meetings.media.events import RoomEvent, SeatsChanged
from meetings.media.pcm import PCMChunk
from meetings.media.room import Answer, Room
from meetings.media.server import MediaServer
from tests.fakes import FakeBrowser

CLIENT = Path(__file__).with_name("client.js")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


def write_tone(path: Path, hertz: float, seconds: float = 4.0) -> Path:
    """A 48 kHz mono WAV with one tone."""
    t = np.arange(round(seconds * 48_000)) / 48_000
    samples = (12_000 * np.sin(2 * np.pi * hertz * t)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())
    return path


def dominant_hertz(samples: Any, rate: int = 16_000) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    spectrum[:5] = 0
    return float(np.argmax(spectrum) * rate / len(samples))


@dataclass
class CallHost:
    """A room behind a websocket, the way the application has it."""

    server: MediaServer
    room: Room
    record_dir: Path
    url: str = ""
    events: list[RoomEvent] = field(default_factory=list)
    pcm: dict[str, list[PCMChunk]] = field(default_factory=dict)
    sockets: dict[str, ServerConnection] = field(default_factory=dict)

    def hear(self, event: RoomEvent) -> None:
        self.events.append(event)

    def hear_pcm(self, participant_id: str, chunk: PCMChunk) -> None:
        self.pcm.setdefault(participant_id, []).append(chunk)

    def of(self, kind: type[RoomEvent], participant_id: str) -> list[Any]:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and event.participant_id == participant_id
        ]

    async def until(self, condition: Callable[[], Any], seconds: float = 15) -> Any:
        """Wait for a condition on this host; its value, or an AssertionError."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, "the condition never held"
            await asyncio.sleep(0.05)
        return value


def answer_message(answer: Answer) -> dict[str, Any]:
    return {
        "type": "answer",
        "session": answer.session_id,
        "sdp": answer.sdp,
        "seats": seat_map(answer.seats),
        "wanted": answer.wanted,
    }


def seat_map(seats: Any) -> dict[str, Any]:
    return {
        mid: {"participant": seat.participant_id, "kind": seat.kind}
        for mid, seat in seats.items()
    }


async def serve_call(host: CallHost, socket: ServerConnection) -> None:
    assert socket.request is not None
    id, recorded = socket.request.path.strip("/").split("/")
    host.sockets[id] = socket
    session = ""
    async for text in socket:
        message = json.loads(text)
        try:
            if message["type"] == "join":
                joining = host.room.join(
                    id, id.title(), message["sdp"], recorded=recorded == "recorded"
                )
                answer = await host.server.loop.call(joining)
            else:
                offer = host.room.renegotiate(session, message["sdp"])
                answer = await host.server.loop.call(offer)
        except MediaError as error:
            await socket.send(json.dumps({"type": "error", "code": error.code}))
            continue
        session = answer.session_id
        await socket.send(json.dumps(answer_message(answer)))


def page_response(socket: ServerConnection, request: Request) -> Response | None:
    if "Upgrade" in request.headers:
        return None
    body = f"<!doctype html><script>{CLIENT.read_text()}</script>".encode()
    headers = Headers({"Content-Type": "text/html", "Content-Length": str(len(body))})
    return Response(HTTPStatus.OK, "OK", headers, body)


@pytest.fixture
def media_config() -> MediaConfig:
    return MediaConfig()


@pytest.fixture
async def host(tmp_path: Path, media_config: MediaConfig) -> AsyncIterator[CallHost]:
    server = MediaServer(media_config)
    server.start()
    record_dir = tmp_path / "record"
    room = await server.open_room("standup", record_dir, time.time())
    host = CallHost(server, room, record_dir)
    loop = asyncio.get_running_loop()

    def tell_browser(event: RoomEvent) -> None:
        if isinstance(event, SeatsChanged) and event.participant_id in host.sockets:
            message = {
                "type": "seats",
                "session": event.session_id,
                "seats": seat_map(event.seats),
                "wanted": event.wanted,
            }
            sending = host.sockets[event.participant_id].send(json.dumps(message))
            asyncio.run_coroutine_threadsafe(sending, loop)

    room.listen(host.hear)
    room.listen(tell_browser)
    room.on_pcm(host.hear_pcm)
    async with serve(
        lambda socket: serve_call(host, socket),
        "127.0.0.1",
        0,
        process_request=page_response,
    ) as listener:
        port = listener.sockets[0].getsockname()[1]
        host.url = f"127.0.0.1:{port}"
        yield host
        await server.stop()


Enter = Callable[..., Awaitable[tuple[FakeBrowser, Answer]]]


@pytest.fixture
async def enter(host: CallHost) -> AsyncIterator[Enter]:
    """Bring a fake browser into the room."""
    browsers: list[FakeBrowser] = []

    async def join(
        id: str, recorded: bool = True, video: bool = False, **dials: Any
    ) -> tuple[FakeBrowser, Answer]:
        browser = FakeBrowser(**dials)
        browsers.append(browser)
        offer = await browser.offer()
        joining = host.room.join(id, id.title(), offer, recorded=recorded, video=video)
        answer = await host.server.loop.call(joining)
        await browser.accept(answer.sdp)
        return browser, answer

    yield join
    for browser in browsers:
        await browser.close()


OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser(host: CallHost, tmp_path: Path) -> AsyncIterator[OpenPage]:
    """Open a Chromium with its own microphone, and put it into the room."""
    executable = shutil.which("chromium")
    assert executable, "chromium is missing: apt-get install chromium"
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())

        async def join(
            id: str,
            hertz: float = 440,
            recorded: bool = True,
            camera: bool = False,
            seats: int = 3,
            script: str = "",
        ) -> Page:
            """`script` runs in the page before anything else."""
            tone = write_tone(tmp_path / f"{id}.wav", hertz)
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / f"profile-{id}",
                executable_path=executable,
                headless=True,
                args=[*FLAGS, f"--use-file-for-fake-audio-capture={tone}"],
            )
            stack.push_async_callback(context.close)
            await context.add_init_script(script)
            page = context.pages[0]
            await page.goto(f"http://{host.url}/")
            mode = "recorded" if recorded else "forwarded"
            await page.evaluate(
                "([url, options]) => {"
                " window.call = new Call(url); return window.call.start(options); }",
                [f"ws://{host.url}/{id}/{mode}", {"camera": camera, "seats": seats}],
            )
            return page

        yield join
