"""Plays people to a peer in real time, over its own websocket."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.call import RATE, Person
from benchmarks.feed import FRAME, stagger
from benchmarks.rivals.screen import Seen, changes
from benchmarks.rivals.session import Rival, Session

_BUFFER = 2**26  # bytes that wait for a slow server: it must not slow the feeder
_GREETING = 120.0  # s; the first client waits for the model
_FAREWELL = 5.0  # s that the last events may take
_SETTLE = 0.5  # s between the last greeting and the first sound


@dataclass
class Stream:
    """One person at the peer; messages with their arrival on the monotonic clock."""

    person: Person
    start: float  # s after the first stream's
    session: Session
    socket: ClientConnection
    messages: list[tuple[float, str | bytes]] = field(default_factory=list)

    async def listen(self) -> None:
        """Note what comes. It is read after the run: parsing must cost no time now."""
        async for message in self.socket:
            self.messages.append((monotonic(), message))

    def packet(self, at: float) -> bytes:
        """The 20 ms that end at a time of the run; empty outside of the sound."""
        end = round((at - self.start) * RATE)
        samples = self.person.samples[max(end - FRAME, 0) : max(end, 0)]
        return self.session.packet(samples) if len(samples) else b""

    def seen(self, began: float) -> list[Seen]:
        """What was displayed and when, on the stream's own clock."""
        return list(
            changes(
                (at - began - self.start, self.session.screen(message))
                for at, message in self.messages
                if isinstance(message, str)
            )
        )


async def play(
    rival: Rival, port: int, people: Sequence[Person], streams: int
) -> list[list[Seen]]:
    """Plays so many people at once; what each stream displayed. Raises Refused."""
    url = f"ws://127.0.0.1:{port}{rival.path}"
    apart = stagger(people, streams)
    playing: list[Stream] = []
    try:
        for number in range(streams):
            person = people[number % len(people)]
            playing.append(await _open(rival, url, person, number * apart))
        return await _play(playing)
    finally:
        for stream in playing:
            await stream.socket.close()


async def _open(rival: Rival, url: str, person: Person, start: float) -> Stream:
    socket = await connect(
        url,
        max_size=None,
        ping_interval=None,  # a busy server is not a dead one
        write_limit=_BUFFER,
        open_timeout=_GREETING,
        close_timeout=_FAREWELL,
    )
    session = rival.session()
    await asyncio.wait_for(session.greet(socket), _GREETING)
    return Stream(person, start, session, socket)


async def _play(playing: Sequence[Stream]) -> list[list[Seen]]:
    listeners = [asyncio.create_task(stream.listen()) for stream in playing]
    began = monotonic() + _SETTLE
    longest = max(
        stream.start + len(stream.person.samples) / RATE for stream in playing
    )
    for tick in range(1, round(longest * RATE / FRAME) + 1):
        at = tick * FRAME / RATE
        await asyncio.sleep(max(began + at - monotonic(), 0.0))
        for stream in playing:
            if packet := stream.packet(at):
                await stream.socket.send(packet)
    for stream in playing:
        await stream.session.part(stream.socket)
    await asyncio.wait(listeners, timeout=_FAREWELL)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    return [stream.seen(began) for stream in playing]
