"""Asking a language model by the API of OpenAI, over HTTP and nothing else.

A server may be slow, broken or hostile: an answer has a time and a size that it may not
pass, and no redirect is followed, because it would carry the key elsewhere.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

MOST = 1_000_000  # bytes of an answer
PIECE = 16_384  # bytes that are read at once
CONNECT = 10.0  # s until there is a connection

AWAY = "The language model could not be reached."
SLOW = "The language model took too long."
BROKEN = "The language model had an error ({status})."
REFUSED = "The language model refused the request ({status}): its key, name or address."
BUSY = "The language model is busy. Try again later."
LARGE = "The language model answered more than can be read."
NONSENSE = "The language model did not answer in the form that was asked for."


class ModelFailed(Exception):
    """There is no answer; the text is for people and has nothing secret in it."""


@dataclass(frozen=True)
class LanguageModel:
    """Where a model is, and how long it may take; ``key`` is in no text of it."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 120.0

    @classmethod
    def configured(cls) -> "LanguageModel | None":
        if not settings.LLM_URL:
            return None
        about = settings.LLM_MODEL, settings.LLM_KEY, settings.LLM_SECONDS
        return cls(settings.LLM_URL, *about)

    @property
    def host(self) -> str:
        """Who gets the words, for people."""
        return urlsplit(self.url).netloc

    def ask(self, system: str, user: str) -> str:
        """The text of the answer. Raises ModelFailed."""
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ]
        body = {"model": self.model, "messages": messages, "temperature": 0}
        return _content(self._post(json.dumps(body).encode()))

    def _post(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=min(CONNECT, self.seconds))
        started = time.monotonic()
        try:
            connection.connect()
            connection.sock.settimeout(self.seconds)
            path = f"{parts.path}/chat/completions"
            with _ended_after(self.seconds, connection.sock):
                connection.request("POST", path, body, dict(self._headers()))
                with connection.getresponse() as answer:
                    _check(answer.status)
                    read = b"".join(_pieces(answer))
        except (OSError, HTTPException, ValueError) as error:
            slow = isinstance(error, TimeoutError) or self._is_over(started)
            raise ModelFailed(SLOW if slow else AWAY) from None
        finally:
            connection.close()
        if self._is_over(started):  # cut off: it looks like the end of the answer
            raise ModelFailed(SLOW)
        return read

    def _is_over(self, started: float) -> bool:
        return time.monotonic() - started >= self.seconds

    def _headers(self) -> Iterator[tuple[str, str]]:
        yield "Content-Type", "application/json"
        yield "Accept", "application/json"
        if self.key:
            yield "Authorization", f"Bearer {self.key}"


def _check(status: int) -> None:
    if status == 200:
        return
    if status == 429:
        raise ModelFailed(BUSY)
    told = BROKEN if status >= 500 else REFUSED
    raise ModelFailed(told.format(status=status))


@contextmanager
def _ended_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """A server that sends a byte now and then never runs into a socket's time-out."""
    watch = threading.Timer(seconds, _end, [sock])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _end(sock: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        sock.shutdown(socket.SHUT_RDWR)


def _pieces(answer: HTTPResponse) -> Iterator[bytes]:
    size = 0
    while piece := answer.read1(PIECE):
        size += len(piece)
        if size > MOST:
            raise ModelFailed(LARGE)
        yield piece


def _content(body: bytes) -> str:
    try:
        told: Any = json.loads(body)
        content = told["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ModelFailed(NONSENSE) from None
    if not isinstance(content, str):
        raise ModelFailed(NONSENSE)
    return content
