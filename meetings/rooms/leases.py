"""Which process holds a room: a lease in Valkey, and an epoch in the meeting's row.

The lease says who may act, the epoch makes sure of it: whoever takes a room raises it,
and what is written about the room carries the epoch under which it was made. A holder
that was frozen, and wakes up after another one took over, writes nothing (fencing
tokens: M. Kleppmann, "How to do distributed locking", 2016).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, transaction
from django.db.models import F
from redis.exceptions import RedisError

from meetings.media.errors import MediaError
from meetings.models import Meeting
from meetings.valkey import client, key

log = structlog.get_logger(__name__)

LEASE = 15.0  # s that a lease lasts without being renewed
RENEW = 5.0  # s between two renewals

# A holder is "NODE INCARNATION": a process that was started again under the name of
# its predecessor takes that one's rooms, as two cannot have one name at a time.
_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1]
    and string.sub(holder, 1, string.len(ARGV[2])) ~= ARGV[2] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return ''
"""
_RENEW = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and '' or 'anew'
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class HeldElsewhere(MediaError):
    """Another process holds the room; ``node`` is its name."""

    def __init__(self, node: str) -> None:
        super().__init__("elsewhere", 421, f"the room is held by {node}")
        self.node = node


class Fenced(Exception):
    """The room has a later holder: what an earlier one writes does not count."""


@dataclass(frozen=True)
class Lease:
    meeting_id: int
    epoch: int


class Leases:
    """The rooms that this process holds."""

    def __init__(self, node: str, lost: Callable[[int], None]) -> None:
        """``lost``: called with a meeting's id when its room was taken away."""
        self.node = node
        self._lost = lost
        self.incarnation = uuid4().hex
        self._name = f"{node} {self.incarnation}"
        self._held: dict[int, Lease] = {}
        self._lock = threading.Lock()
        self._away = False

    def take(self, meeting_id: int) -> Lease:
        """Hold the room, if nobody else does; again is no error.

        Not on an event loop. Raises HeldElsewhere, RedisError, DatabaseError.
        """
        with self._lock:
            if lease := self._held.get(meeting_id):
                return lease
            holder = self._ask(_TAKE, meeting_id, f"{self.node} ", _ms(LEASE))
            if holder:
                raise HeldElsewhere(node_of(holder))
            try:
                lease = Lease(meeting_id, _raise_epoch(meeting_id))
            except BaseException:
                with suppress(RedisError):
                    self._ask(_RELEASE, meeting_id)
                raise
            self._held[meeting_id] = lease
            return lease

    def release(self, meeting_id: int) -> None:
        """Give the room back; one that is not held is no error."""
        with self._lock:
            if self._held.pop(meeting_id, None) is None:
                return
        try:
            self._ask(_RELEASE, meeting_id)
        except RedisError as error:  # it ends by itself
            log.warning("a lease was not given back", why=str(error))

    def lease(self, meeting_id: int) -> Lease | None:
        """Of the room, while it is held here."""
        return self._held.get(meeting_id)

    def held(self) -> list[int]:
        """Ids of the meetings whose rooms are held."""
        return list(self._held)

    def renew(self) -> None:
        """Keep all rooms; give those up that somebody else has. Every RENEW seconds.

        While Valkey is away nobody else can take them: they are kept.
        """
        for meeting_id, lease in list(self._held.items()):
            try:
                kept = self._renewed(lease)
                self._away = False
            except (RedisError, DatabaseError) as error:
                if not self._away:
                    log.warning("leases are not renewed", why=str(error))
                self._away = True
                return
            if not kept:
                self._give_up(meeting_id)

    def _renewed(self, lease: Lease) -> bool:
        answer = self._ask(_RENEW, lease.meeting_id, _ms(LEASE))
        if answer == "anew":  # it had ended: has somebody held it since?
            if _epoch_of(lease.meeting_id) == lease.epoch:
                return True
            self._ask(_RELEASE, lease.meeting_id)
            return False
        return answer == ""

    def _give_up(self, meeting_id: int) -> None:
        log.error("another process took a room over", meeting=meeting_id)
        with self._lock:
            self._held.pop(meeting_id, None)
        self._lost(meeting_id)

    def _ask(self, script: str, meeting_id: int, *words: object) -> str:
        name = key("room", meeting_id)
        store: Any = client()  # its scripts carry no types
        answer = store.eval(script, 1, name, self._name, *map(str, words))
        return answer.decode() if isinstance(answer, bytes) else ""


def holder_of(meeting_id: int) -> str | None:
    """Name of the process that holds the room. Raises RedisError."""
    process = process_of(meeting_id)
    return process[0] if process else None


def process_of(meeting_id: int) -> tuple[str, str] | None:
    """Name and incarnation of the process that holds the room. Raises RedisError."""
    value = client().get(key("room", meeting_id))
    if not value:
        return None
    node, _, incarnation = value.decode().rpartition(" ")
    return node, incarnation


def node_of(holder: str) -> str:
    return holder.rpartition(" ")[0]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _raise_epoch(meeting_id: int) -> int:
    with transaction.atomic():
        row = Meeting.objects.filter(pk=meeting_id)
        row.update(epoch=F("epoch") + 1)
        return row.values_list("epoch", flat=True).get()


def _epoch_of(meeting_id: int) -> int | None:
    return Meeting.objects.filter(pk=meeting_id).values_list("epoch", flat=True).first()


@contextmanager
def borrowed(meeting_id: int) -> Iterator[Lease]:
    """Hold a room for a moment that nobody holds. Raises as ``Leases.take`` does."""
    leases = Leases(f"borrower-{uuid4().hex}", lambda _: None)
    lease = leases.take(meeting_id)
    try:
        yield lease
    finally:
        leases.release(meeting_id)


@contextmanager
def fenced(lease: Lease | None) -> Iterator[None]:
    """A transaction that holds only while the room is under this lease.

    None: nobody holds the room, as of an import or of a call that is over, and there is
    nothing to fence. Raises Fenced.
    """
    if lease is None:
        yield
        return
    with transaction.atomic():
        if _locked_epoch(lease.meeting_id) != lease.epoch:
            raise Fenced(f"meeting {lease.meeting_id}, epoch {lease.epoch}")
        yield


def _locked_epoch(meeting_id: int) -> int | None:
    """Nobody takes the room until the transaction is over."""
    row = Meeting.objects.select_for_update(no_key=True).filter(pk=meeting_id)
    return row.values_list("epoch", flat=True).first()


def keep(leases: Leases, stopping: threading.Event, look: Callable[[], None]) -> None:
    """The thread that renews leases, and then has a ``look`` at what they hold."""
    while not stopping.wait(RENEW):
        try:
            leases.renew()
            look()
        except Exception:
            log.exception("leases were not looked after")
        close_old_connections()
