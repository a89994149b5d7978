"""What a page asks of the process that holds a room; it is answered, or has failed.

Orders say what changed, and the holder reads the rows again: one that comes twice does
no harm, and one that was lost is caught up at the next look.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import structlog
from django.db import close_old_connections
from redis.exceptions import RedisError

from meetings.rooms.leases import holder_of
from meetings.valkey import Inbox, client, key

log = structlog.get_logger(__name__)

PATIENCE = 3.0  # s for a room to take an order
KEPT = 30  # s that an answer waits to be read
AGAIN = 0.2  # s before another try
STEP = 0.02  # s between two looks for an answer
AT_ONCE = 8  # orders that one process obeys at a time

Obey = Callable[[int], None]  # meeting id; any thread, the database may be used


class NotDone(Exception):
    """It cannot be said that an order was obeyed."""


class Unanswered(NotDone):
    """Nobody said that it was done. It may have been, or may be done later."""


class NotObeyed(NotDone):
    """The holder could not do it; the message is for the log."""


def give(meeting_id: int, kind: str, patience: float = PATIENCE) -> bool:
    """Have the holder of a room do ``kind``; False: nobody holds it. From any process.

    Raises Unanswered, NotObeyed.
    """
    deadline = monotonic() + patience
    while True:
        try:
            holder = holder_of(meeting_id)
            if holder is None:
                return False
            if _sent(holder, meeting_id, kind, deadline):
                return True
        except RedisError as error:
            log.warning("an order waits for Valkey", order=kind, why=str(error))
        if monotonic() > deadline:
            raise Unanswered(f"{kind} of meeting {meeting_id}")
        sleep(AGAIN)


def _sent(holder: str, meeting_id: int, kind: str, deadline: float) -> bool:
    """Whether the holder heard it and did it; false: nobody listened."""
    name = uuid4().hex
    order = {"id": name, "kind": kind, "meeting": meeting_id}
    if not client().publish(key("orders", holder), json.dumps(order)):
        return False
    if why := _answer_to(name, deadline).get("error"):
        raise NotObeyed(why)
    return True


def _answer_to(order_id: str, deadline: float) -> dict[str, Any]:
    """Asked for in short steps: a read that blocks would outlast a frozen server."""
    name = key("answer", order_id)
    while monotonic() < deadline:
        if answer := client().lpop(name):
            return dict(json.loads(answer))
        sleep(STEP)
    raise Unanswered(f"order {order_id}")


class Orderly:
    """The side that obeys: one for each process that holds rooms."""

    def __init__(
        self,
        node: str,
        kinds: Mapping[str, Obey],
        words: Mapping[str, Callable[[Any], None]],
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        """``words``: what is heard on further channels, and answered to nobody;
        ``returned``: called when some may have been missed."""
        self._kinds = kinds
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="order")
        self.inbox = Inbox({key("orders", node): self._take, **words}, returned)

    def start(self) -> None:
        """Obey from now on."""
        self.inbox.start()

    def stop(self) -> None:
        """Obey no more; what was begun is finished."""
        self.inbox.stop()
        self._pool.shutdown(wait=False)

    def _take(self, order: dict[str, Any]) -> None:
        self._pool.submit(self._obey, order)

    def _obey(self, order: dict[str, Any]) -> None:
        answer = {}
        try:
            self._kinds[order["kind"]](int(order["meeting"]))
        except Exception as error:
            log.exception("an order was not obeyed", order=order.get("kind"))
            answer = {"error": repr(error)}
        finally:
            close_old_connections()
        self._answer(order, answer)

    def _answer(self, order: dict[str, Any], answer: dict[str, Any]) -> None:
        name = key("answer", order["id"])
        try:
            pipe = client().pipeline()
            pipe.rpush(name, json.dumps(answer))
            pipe.expire(name, KEPT)
            pipe.execute()
        except RedisError as error:
            log.warning("an order was obeyed, nobody was told", why=str(error))
