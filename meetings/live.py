"""The part of the web process that holds calls: start it before the first request."""

import threading
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import unquote

from asgiref.sync import async_to_sync
from django.conf import settings

from meetings import presence, recovery, rooms, tracks
from meetings.media.config import ICEServer, MediaConfig
from meetings.media.server import MediaServer


@dataclass
class Live:
    """The running threads: media, rows, and the one that ends empty rooms."""

    server: MediaServer
    writer: threading.Thread
    caretaker: threading.Thread
    stopping: threading.Event = field(default_factory=threading.Event)


_live: Live | None = None


def start() -> None:
    """Repair what a crash left, then take calls. Blocks until calls can start."""
    global _live
    if _live:
        return
    recovery.repair_meetings()
    stopping = threading.Event()
    _live = Live(
        MediaServer(media_config()),
        _thread("track-rows", tracks.write, tracks.entries),
        _thread("empty-rooms", recovery.end_empty_rooms, stopping),
        stopping,
    )
    _live.server.start()
    _live.writer.start()
    _live.caretaker.start()
    rooms.serve(_live.server)


def _thread(name: str, target: Any, argument: Any) -> threading.Thread:
    return threading.Thread(name=name, target=target, args=(argument,), daemon=True)


def stop() -> None:
    """Close all files within 3 s and write the last rows; live meetings stay live.

    From a thread without a running event loop.
    """
    global _live
    if _live is None:
        return
    live, _live = _live, None
    presence.tell_all({"type": "restarting"})
    live.stopping.set()
    async_to_sync(live.server.stop)()
    rooms.serve(None)
    tracks.entries.put(None)
    live.writer.join(2)


def status() -> dict[str, Any]:
    """{"ok": whether calls can start, "rooms": n, "people": n}."""
    if _live is None:
        return {"ok": False, "rooms": 0, "people": 0}
    counts = rooms.head_counts()
    alive = _live.server.loop.is_alive() and _live.writer.is_alive()
    return {"ok": alive, "rooms": len(counts), "people": sum(counts.values())}


def media_config() -> MediaConfig:
    return MediaConfig(
        ice_servers=tuple(ice_server(url) for url in settings.ICE_SERVERS),
        public_ip=settings.PUBLIC_IP or None,
        max_participants=settings.MAX_PARTICIPANTS,
    )


def ice_server(address: str) -> ICEServer:
    """``stun:host:3478`` or ``turn:user:password@host:3478?transport=udp``."""
    scheme, _, rest = address.partition(":")
    login, at, host = rest.rpartition("@")
    if not at:
        return ICEServer((address,))
    user, _, password = login.partition(":")
    return ICEServer((f"{scheme}:{host}",), unquote(user), unquote(password))


def browser_ice() -> list[dict[str, Any]]:
    """The same servers as RTCIceServer dictionaries for the page."""
    shown = [asdict(ice_server(url)) for url in settings.ICE_SERVERS]
    return [{k: v for k, v in entry.items() if v is not None} for entry in shown]
