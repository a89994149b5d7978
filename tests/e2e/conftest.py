"""A real server from ``manage.py up`` and real Chromiums with fake microphones."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import av
import numpy as np
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Playwright,
    ViewportSize,
    sync_playwright,
)

from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.site import parts
from tests.fake_model import FakeModel, fake_model
from tests.services import ROOT, free_port

CALL = ROOT / "tests" / "espeak_call"
SCREENSHOTS = Path(__file__).parent / "screenshots"
FIRST_ADMIN = "admin@localhost"
CHROMIUM = "/usr/bin/chromium"
MICROPHONE_RATE = 48_000
LEAD_SECONDS = 5  # silence before the first word: joining takes its time
READY_SECONDS = 60
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


@dataclass
class Server:
    """One running product: its address, data folder and processes."""

    url: str
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]
    session: list[Any] = field(default_factory=list)  # the first admin's cookie

    def sign_in_link(self) -> str:
        """A new one-time link for the first admin."""
        return self.manage("signin_link", FIRST_ADMIN).split()[-1]

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def transcript(self, code: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = json.loads(
            self.manage("transcript", code, "--json")
        )
        return lines

    def pid_of(self, part: str) -> int:
        """The process of this server that does this; none that stands by for it."""
        return parts(self.process.pid)[part]

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except HTTPError as answer:
                answer.close()  # not ready yet
            except (URLError, OSError):
                pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        pytest.fail(f"not ready in {READY_SECONDS} s:\n{self.log.read_text()}")

    def wait_idle(self) -> None:
        """Until the demo call is read: its second pass shares the model with calls."""
        self._wait_for("kind NOT IN ('downloads', 'film', 'mp4')", READY_SECONDS)

    def wait_done(self) -> None:
        """Until no job is left, films included."""
        self._wait_for("1", 2 * READY_SECONDS)

    def _wait_for(self, kinds: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        left = "SELECT count(*) FROM meetings_job WHERE state IN ('queued', 'running')"
        database = f"file:{self.env['DATA_DIR']}/db.sqlite3?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            while connection.execute(f"{left} AND {kinds}").fetchone()[0]:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.2)


@pytest.fixture(scope="session")
def language_model() -> Iterator[FakeModel]:
    """What LLM_URL of the server names."""
    with fake_model() as model:
        yield model


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, language_model: FakeModel
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    about = {"LLM_URL": language_model.url, "LLM_MODEL": "tiny-1"}
    with running_server(folder, str(FIXTURE_MODEL), **about) as one:
        one.wait_idle()
        yield one


@contextmanager
def running_server(folder: Path, model: str, **settings: str) -> Iterator[Server]:
    """Earshot as ``make run`` starts it, with its data in a folder, until Ctrl-C."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")},
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "WHISPER_MODEL": model,
        "PYTHONUNBUFFERED": "1",
        "RECORD_VIDEO": "true",
        "SRT_PORT": str(free_port()),
        **settings,
    }
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "DEBUG"):
        env.pop(name, None)
    log = folder / "log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            # The browsers are other people's machines: what they capture goes first.
            ["nice", "-n", "5", sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Server(f"http://localhost:{port}", env, log, process)
    try:
        running.wait_ready()
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail("the server did not stop within 20 s of Ctrl-C")


@pytest.fixture(scope="session")
def microphones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The espeak call's tracks as WAV files that Chromium plays as a microphone."""
    folder = tmp_path_factory.mktemp("microphones")
    return {
        track.stem: as_microphone(track, folder / f"{track.stem}.wav")
        for track in sorted(CALL.glob("*.ogg"))
    }


def as_microphone(track: Path, out: Path, seconds: float = 3600) -> Path:
    """The first `seconds` of a track as a WAV file, after some silence."""
    left = round(seconds * MICROPHONE_RATE)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=MICROPHONE_RATE)
    with av.open(str(track)) as container, wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MICROPHONE_RATE)
        file.writeframes(np.zeros(LEAD_SECONDS * MICROPHONE_RATE, np.int16).tobytes())
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray()[0, :left]
                file.writeframes(samples.tobytes())
                left -= len(samples)
    return out


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as running:
        yield running
        if shared_browser.cache_info().currsize:
            shared_browser(running).close()
            shared_browser.cache_clear()


@cache
def shared_browser(playwright: Playwright) -> Browser:
    """A browser takes its time to start: one for everybody without a microphone."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM, headless=True, args=FLAGS
    )


Browse = Callable[..., BrowserContext]


@pytest.fixture
def browse(playwright: Playwright, tmp_path: Path) -> Iterator[Browse]:
    """Opens browsers, each with a session of its own, and a microphone if need be."""
    with Browsers(playwright, tmp_path) as opener:
        yield opener


class Browsers(ExitStack):
    """``with Browsers(playwright, folder) as browse: page = browse(wav).pages[0]``"""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        super().__init__()
        self._playwright = playwright
        self._folder = folder
        self._count = 0

    def __call__(
        self, microphone: Path | None = None, own: bool = False, **options: Any
    ) -> BrowserContext:
        """`own`: in a browser whose processes a test stops, or ends."""
        options.setdefault("viewport", DESKTOP)
        if not (microphone or own):
            context = shared_browser(self._playwright).new_context(**options)
            context.new_page()
            return self._opened(context)
        self._count += 1
        self.profile = self._folder / f"profile{self._count}"
        sound = f"--use-file-for-fake-audio-capture={microphone}%noloop"
        flags = [*FLAGS, sound] if microphone else FLAGS
        return self._launched(self.profile, flags, options)

    def again(self, profile: Path) -> BrowserContext:
        """A browser with what an earlier one with this profile has kept."""
        return self._launched(profile, FLAGS, {"viewport": DESKTOP})

    def _launched(
        self, profile: Path, flags: list[str], options: dict[str, Any]
    ) -> BrowserContext:
        launch = self._playwright.chromium.launch_persistent_context
        return self._opened(
            launch(
                str(profile),
                executable_path=CHROMIUM,
                headless=True,
                args=flags,
                **options,
            )
        )

    def _opened(self, context: BrowserContext) -> BrowserContext:
        context.set_default_timeout(20_000)
        self.callback(context.close)
        return context
