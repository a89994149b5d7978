"""The open room sockets of this process, so that any thread can tell people things."""

import threading
from collections import defaultdict
from typing import Any, Protocol

Message = dict[str, Any]


class Socket(Protocol):
    """One browser's websocket."""

    def put(self, message: Message) -> None:
        """Queue a JSON-ready message. Any thread."""


_sockets: dict[int, dict[int, Socket]] = defaultdict(dict)  # meeting -> participant
_lock = threading.Lock()


def attach(meeting_id: int, participant_id: int, socket: Socket) -> Socket | None:
    """Make ``socket`` the participant's; returns the one it takes over from."""
    with _lock:
        old = _sockets[meeting_id].get(participant_id)
        _sockets[meeting_id][participant_id] = socket
        return old


def detach(meeting_id: int, participant_id: int, socket: Socket) -> None:
    """Forget ``socket``; a newer one of the same participant stays."""
    with _lock:
        room = _sockets.get(meeting_id, {})
        if room.get(participant_id) is socket:
            del room[participant_id]
        if not room:
            _sockets.pop(meeting_id, None)


def is_taken(meeting_id: int, participant_id: int) -> bool:
    """Whether the participant has a socket open here."""
    with _lock:
        return participant_id in _sockets.get(meeting_id, {})


def tell(meeting_id: int, message: Message) -> None:
    for socket in _of(meeting_id):
        socket.put(message)


def tell_one(meeting_id: int, participant_id: int, message: Message) -> None:
    with _lock:
        socket = _sockets.get(meeting_id, {}).get(participant_id)
    if socket:
        socket.put(message)


def tell_all(message: Message) -> None:
    with _lock:
        meetings = list(_sockets)
    for meeting_id in meetings:
        tell(meeting_id, message)


def _of(meeting_id: int) -> list[Socket]:
    with _lock:
        return list(_sockets.get(meeting_id, {}).values())
