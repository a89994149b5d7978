"""The Valkey that all processes of a site share, for short words between them."""

import json
import threading
from collections.abc import Callable, Mapping
from functools import cache
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

PATIENCE = 2.0  # s for an answer of Valkey itself
PAUSE = 0.5  # s before a lost connection is made again
LOOK = 1.0  # s between two looks at whether to stop, and two pings
SILENCE = 3.5  # s after which a server that answers no ping is taken for frozen


def client() -> "Redis[bytes]":
    """Connections that give up after PATIENCE seconds. Any thread."""
    return _client_of(settings.REDIS_URL)


@cache
def _client_of(url: str) -> "Redis[bytes]":
    # One more try on another connection: those of before a restart are dead.
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=again,
    )


def key(*parts: object) -> str:
    """A name of ours: "earshot:room:7"."""
    return ":".join(["earshot", *map(str, parts)])


class Inbox:
    """Listens to channels on a thread of its own, over lost connections."""

    def __init__(
        self,
        handlers: Mapping[str, Callable[[Any], None]],
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        """``returned``: called when it listens again, and may have missed words."""
        self._handlers = handlers
        self._returned = returned
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._was_away = False
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopping.set()

    @property
    def listening(self) -> bool:
        """Whether a message that is sent now would be heard."""
        return self._listening.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it listens; false when it takes longer."""
        return self._listening.wait(seconds)

    def _run(self) -> None:
        told = False
        while not self._stopping.is_set():
            try:
                self._listen()
                told = False
            except (RedisError, OSError) as error:
                if not told:
                    log.warning("Valkey is away, orders are not heard", why=str(error))
                told = True
            self._listening.clear()
            self._was_away = True
            self._stopping.wait(PAUSE)

    def _listen(self) -> None:
        with client().pubsub(ignore_subscribe_messages=True) as channels:
            channels.subscribe(*self._handlers)
            self._listening.set()
            if self._was_away:
                self._returned()
            heard = monotonic()
            while not self._stopping.is_set():
                message = channels.get_message(timeout=LOOK)
                if message is None:
                    if monotonic() - heard > SILENCE:
                        raise TimeoutError("no answer to a ping")
                    channels.ping()
                    continue
                heard = monotonic()
                if message["type"] == "message":
                    self._hand_on(message["channel"].decode(), message["data"])

    def _hand_on(self, channel: str, data: bytes) -> None:
        try:
            self._handlers[channel](json.loads(data))
        except Exception:
            log.exception("a message was not understood", channel=channel)
