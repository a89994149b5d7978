"""The media library against aiortc as it comes: what sound costs, and how late it is.

    python -m benchmarks.media
    python -m benchmarks.media --seconds 30 --receivers 1 4 --loss 0 0.05
    python -m benchmarks.media --gaps 5

Two tables in one run. *Latency*: from the moment in which a packet with the onset of a
tone is handed to the sender until its samples come out decoded at 16 kHz, twice a
second, over loopback with so many packets lost. *Forwarding*: CPU of the server, per
cent of one core, for one publisher of sound and pictures (VP8, 20 frames/s) and so many
who receive them; nobody is recorded. Senders and receivers run in this process: they
neither encode nor decode. `--gaps` measures something else, see `media_gaps`.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

import av
import numpy as np

from benchmarks import media_gaps
from benchmarks.figures import percentile
from benchmarks.media_server import SPEAKER
from meetings.media.packets import OPUS_FRAME, OPUS_RATE
from tests.fakes import FakeBrowser, FakeTrack

KINDS = ("ours", "stock")
SETTLE = 3.0  # s after everybody is in
EVERY, ONSET = 25, 20  # packets of 20 ms in a round, and in which the tone begins


class Bursts(FakeTrack):
    """A tone of 0.1 s twice a second; `begun`: when each was handed to the sender."""

    def __init__(self) -> None:
        super().__init__("audio", _rounds(8), OPUS_FRAME, OPUS_RATE)
        self.begun: list[float] = []

    def _packet(self) -> Any:
        if self._next % EVERY == ONSET:
            self.begun.append(time.monotonic())
        return super()._packet()


def _rounds(count: int) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = OPUS_RATE, "mono", "s16"
    at = np.arange(count * EVERY * OPUS_FRAME)
    tone = 12_000 * np.sin(2 * np.pi * 1_000 * at / OPUS_RATE)
    sounds = at // OPUS_FRAME % EVERY >= ONSET
    frame = av.AudioFrame.from_ndarray(
        np.where(sounds, tone, 0).astype(np.int16)[None, :], "s16", "mono"
    )
    frame.sample_rate = OPUS_RATE
    return [bytes(p) for p in encoder.encode(frame)][: count * EVERY]


class Measured:
    """A server in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._in, self._out = process.stdin, process.stdout
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: list[float] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while line := await self._out.readline():
            message = json.loads(line)
            if "heard" in message:
                self.heard.append(message["heard"])
            else:
                self._answers.put_nowait(message)

    async def ask(self, **words: Any) -> dict[str, Any]:
        """Raises TimeoutError."""
        self._in.write(json.dumps(words).encode() + b"\n")
        async with asyncio.timeout(15):
            return await self._answers.get()

    async def join(self, name: str, browser: FakeBrowser) -> None:
        answer = await self.ask(join=name, sdp=await browser.offer())
        await browser.accept(answer["sdp"])

    async def cpu(self) -> float:
        """Seconds of CPU so far."""
        return float((await self.ask(cpu=True))["cpu"])


@asynccontextmanager
async def measured(kind: str) -> AsyncIterator[Measured]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.media_server", kind),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    try:
        yield Measured(process)
    finally:
        process.kill()
        await process.wait()


async def latencies(kind: str, loss: float, seconds: float) -> list[float]:
    """Milliseconds of each onset that was heard, in a call with so much loss."""
    async with measured(kind) as server:
        browser = FakeBrowser(loss=loss, seats=0)
        bursts = Bursts()
        browser.microphone = bursts
        browser._audio.sender.replaceTrack(bursts)
        await server.join(SPEAKER, browser)
        await asyncio.sleep(SETTLE + seconds)
        await browser.close()
    begun = [at for at in bursts.begun if at > bursts.begun[0] + SETTLE]
    found = []
    for at in begun:
        after = [heard - at for heard in server.heard if -0.02 < heard - at < 0.48]
        found += [1000 * min(after)] if after else []
    return found


async def forwarding(kind: str, receivers: int, seconds: float) -> float:
    """Per cent of one core that the server takes."""
    async with measured(kind) as server:
        browsers = [FakeBrowser(camera=True, seats=0)]
        await server.join("publisher", browsers[0])
        await asyncio.sleep(1)
        for number in range(receivers):
            browsers.append(FakeBrowser(microphone=False, seats=1))
            await server.join(f"receiver{number}", browsers[-1])
        await asyncio.sleep(SETTLE)
        before, began = await server.cpu(), time.monotonic()
        await asyncio.sleep(seconds)
        share = (await server.cpu() - before) / (time.monotonic() - began)
        got = [sum(map(len, b.received.values())) for b in browsers[1:]]
        assert all(count > 20 * seconds for count in got), f"received: {got}"
        await asyncio.gather(*(browser.close() for browser in browsers))
    return 100 * share


async def run(asked: argparse.Namespace) -> None:
    print(f"{'onset to samples, ms':<24}{'loss':>6}{'p50':>8}{'p95':>8}{'heard':>8}")
    for loss in asked.loss:
        for kind in KINDS:
            found = await latencies(kind, loss, asked.seconds)
            told = (
                f"{median(found):>8.0f}{percentile(found, 0.95):>8.0f}{len(found):>8}"
            )
            print(f"{kind:<24}{loss:>6.0%}{told}", flush=True)
    print(f"\n{'forwarding, % of a core':<24}" + "".join(f"{k:>8}" for k in KINDS))
    for receivers in asked.receivers:
        shares = [await forwarding(k, receivers, asked.seconds) for k in KINDS]
        told = "".join(f"{share:>8.1f}" for share in shares)
        print(f"{receivers} receive{'s' * (receivers == 1):<15}{told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="of each figure")
    parser.add_argument("--loss", type=float, nargs="+", default=[0, 0.02, 0.05])
    parser.add_argument("--receivers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--gaps", type=int, help="rounds of lost sound, alone")
    asked = parser.parse_args()
    if asked.gaps:
        print(media_gaps.run(asked.gaps))
    else:
        asyncio.run(run(asked))


if __name__ == "__main__":
    main()
