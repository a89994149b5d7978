"""The part of a process that holds calls: start it before the first request."""

import asyncio
import threading
import time
from dataclasses import asdict
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from redis.exceptions import RedisError

from meetings import events, rights, services, sockets
from meetings.media.config import ICEServer, MediaConfig
from meetings.media.server import MediaServer
from meetings.media.turn import ice_server, relays, why_not, with_login
from meetings.rooms import (
    calls,
    elsewhere,
    leases,
    nodes,
    presence,
    recovery,
    track_rows,
)
from meetings.rooms.calls import Rooms
from meetings.rooms.elsewhere import Others
from meetings.rooms.leases import Leases
from meetings.rooms.orders import Orderly
from meetings.rooms.relay import Relay
from meetings.sources import streams
from meetings.sources.broadcasts import Broadcasts
from meetings.sources.callers import Callers
from meetings.sources.running import Sources
from meetings.sources.services import forget_sessions
from meetings.sources.states import StateWriter
from meetings.sources.streams import Streams

log = structlog.get_logger(__name__)


class CallServer:
    """The media loop, the rooms on it and the threads that look after them."""

    def __init__(self, node: str, app: Any) -> None:
        """``app``: the ASGI application that answers what comes for its rooms."""
        self.node = node
        self.leases = Leases(node, self._lose)
        self.media = MediaServer(media_config())
        self.rooms = Rooms(self.media, self.leases)
        self.states = StateWriter()
        self.streams = Streams(self.media, self.rooms, self.states)
        self.sources = Sources(self.rooms, self.media.loop, self.states)
        self.callers = Callers(
            settings.SRT_PORT, self.rooms, self.media.loop, self.sources
        )
        self.broadcasts = Broadcasts(self.media, self.rooms, settings.LISTEN_DIR)
        self.rooms.before_close = self._before_close
        kinds = {"end": self._end, "look": self.look, "source": self.sources.look}
        self.relay = Relay(self.leases.incarnation, app)
        self.others = Others(self.leases, self.relay)
        words = {
            rights.CHANNEL: _look_up_anew,
            events.CHANNEL: sockets.tell_pages,
            elsewhere.CHANNEL: self.others.hear,
            self.relay.channel: self.relay.take,
        }
        self.orders = Orderly(node, kinds, words, self._catch_up)
        self.stopping = threading.Event()
        self.writer = _thread("track-rows", track_rows.write, track_rows.entries)

    def start(self) -> None:
        """Repair what a crash left, then take calls. Blocks until calls can start."""
        self.media.start()
        self.writer.start()
        recovery.repair_meetings(self.leases)
        forget_sessions(self.leases.held())
        calls.serve(self.rooms)
        streams.serve(self.streams)
        sockets.hears = lambda: self.orders.inbox.listening
        self.relay.start()  # before it is asked
        elsewhere.serve(self.others)
        nodes.parts["calls"] = self.status
        self.orders.start()
        self.callers.start()
        _thread("relays", look_at_relays).start()
        for thread in (
            _thread("leases", leases.keep, self.leases, self.stopping, self._look),
            _thread("empty-rooms", recovery.end_empty_rooms, self),
            _thread("report", nodes.keep_reporting, self.node, self.stopping),
        ):
            thread.start()

    def stop(self) -> None:
        """Close all files within 3 s and write the last rows; live meetings stay live.

        The rooms are still held: last words may come. From a thread without a running
        event loop.
        """
        presence.tell_all({"type": "restarting"})
        self.stopping.set()
        elsewhere.serve(None)
        self.orders.stop()
        self.relay.stop()
        streams.serve(None)
        self.callers.stop()
        self.sources.stop()
        self.broadcasts.stop()
        async_to_sync(self.media.stop)()
        calls.serve(None)
        self.states.stop()
        sockets.hears = lambda: False
        track_rows.entries.put(None)
        self.writer.join(2)

    def let_go(self) -> None:
        """Give the rooms back: everything about them is written."""
        for meeting_id in self.leases.held():
            self.leases.release(meeting_id)
        try:
            nodes.leave(self.node)
        except RedisError as error:  # what it said last ends by itself
            log.warning("pages were not told of the stop", why=str(error))

    def look(self, meeting_id: int) -> None:
        """The rows of this meeting changed: do as they say."""
        async_to_sync(self.rooms.look)(meeting_id)
        self.streams.look(meeting_id)
        self.broadcasts.look(meeting_id)
        sockets.recheck(meeting=meeting_id)

    def _look(self) -> None:
        for meeting_id in self.leases.held():
            async_to_sync(self.rooms.look)(meeting_id)
            self.streams.look(meeting_id)
            self.broadcasts.look(meeting_id)
        self.others.look()
        self.broadcasts.sweep()
        self.sources.look_around()
        self.callers.start()  # its port may be free now

    def _catch_up(self) -> None:
        """Words may have been missed."""
        self.relay.drop()
        sockets.catch_up()

    def _before_close(self, meeting_id: int) -> None:
        self.sources.end(meeting_id)
        self.broadcasts.end(meeting_id)

    def _end(self, meeting_id: int) -> None:
        lease = self.leases.lease(meeting_id)
        if lease is None:  # lost since the order was given
            raise leases.HeldElsewhere("another process")
        services.end_here(lease)

    def _lose(self, meeting_id: int) -> None:
        """Another process holds the room: close ours, its people go there."""
        presence.tell(meeting_id, {"type": "restarting"})
        self.sources.let_go(meeting_id)
        self.broadcasts.end(meeting_id)
        async_to_sync(self.rooms.close)(meeting_id)
        sockets.send_away(meeting_id)

    def status(self) -> dict[str, Any]:
        """{"ok": whether calls can start, "rooms": n, "people": n}."""
        counts = self.rooms.head_counts()
        alive = self.media.loop.is_alive() and self.writer.is_alive()
        ok = alive and not self.stopping.is_set()
        return {"ok": ok, "rooms": len(counts), "people": sum(counts.values())}


def _look_up_anew(word: dict[str, Any]) -> None:
    sockets.recheck(word.get("meeting"), word.get("user"))


def look_at_relays() -> None:
    """Say in the log what ails the site's TURN servers: people see only that they
    cannot get in."""
    for server, why in asyncio.run(ailing_relays()).items():
        log.warning("a TURN server relays nothing", server=server, why=why)


async def ailing_relays() -> dict[str, str]:
    """Address -> why, of TURN servers that relay nothing."""
    relaying = [server for server in ice_servers() if relays(server)]
    asking = (why_not(server, time.time()) for server in relaying)
    answers = zip(relaying, await asyncio.gather(*asking), strict=True)
    return {server.urls[0]: why for server, why in answers if why}


def _thread(name: str, target: Any, *arguments: Any) -> threading.Thread:
    return threading.Thread(name=name, target=target, args=arguments, daemon=True)


_here: CallServer | None = None


def start(node: str, app: Any = None) -> None:
    """Hold calls in this process, under a name that no other has.

    ``app``: answers what comes for its rooms by way of other processes.
    """
    global _here
    if _here is None:
        _here = CallServer(node, app)
        _here.start()


def stop() -> None:
    """Take calls no more, close their files."""
    if _here:
        _here.stop()


def let_go() -> None:
    """After ``stop``, when all that was said is written: others may hold the calls."""
    global _here
    if _here:
        server, _here = _here, None
        server.let_go()


def status() -> dict[str, Any]:
    """{"ok": whether calls can start here, "rooms": n, "people": n}."""
    return _here.status() if _here else {"ok": False, "rooms": 0, "people": 0}


def media_config() -> MediaConfig:
    return MediaConfig(
        ice_servers=tuple(ice_servers()),
        public_ip=settings.PUBLIC_IP or None,
        max_participants=settings.MAX_PARTICIPANTS,
    )


def ice_servers() -> list[ICEServer]:
    """STUN and TURN servers of the site."""
    return [ice_server(url, settings.TURN_SECRET) for url in settings.ICE_SERVERS]


def browser_ice() -> list[dict[str, Any]]:
    """The same servers as RTCIceServer dictionaries for the page; no lasting secret."""
    shown = [asdict(with_login(server, time.time())) for server in ice_servers()]
    return [{k: v for k, v in entry.items() if v is not None} for entry in shown]
