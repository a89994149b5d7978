"""What the processes of this installation say of themselves, asked from outside."""

import json
import socket
from http.client import HTTPConnection

from config.env import Environment
from config.http import addresses
from config.http.addresses import Address

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
NO_CAPTIONS = "no captions"  # there is no model: calls are recorded
GOOD = ("ok", NO_CAPTIONS)  # states with which a call can start
PATIENCE = 5.0  # seconds for an answer: one that waits for a frozen part takes 2
HTTPS = 443


class _Connection(HTTPConnection):
    """To a process of ours, also over a socket of the data folder."""

    def __init__(self, address: Address) -> None:
        host = ANYWHERE.get(address.host, address.host) or "localhost"
        super().__init__(host, address.port or None, timeout=PATIENCE)
        self._path = address.path

    def connect(self) -> None:
        if self._path is None:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._path))


def ask(env: Environment) -> dict[str, str]:
    """State of each part by /readyz of the pages, "ok" or a word why not.

    Raises OSError, ValueError where nobody answers.
    """
    connection = _Connection(addresses.pages(env))
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        if answer.status not in (200, 503):
            raise ValueError(f"/readyz answers {answer.status}")
        parts = json.load(answer)
    finally:
        connection.close()
    parts.pop("ready")
    return dict(parts) | {"front": _front(env)}


def entrance(env: Environment) -> tuple[str, int]:
    """Host and port that visitors come to."""
    if not env.site:
        return ANYWHERE.get(env.host, env.host), env.port
    _, _, port = env.site.partition(":")
    return "127.0.0.1", int(port or HTTPS)


def _front(env: Environment) -> str:
    try:
        socket.create_connection(entrance(env), timeout=PATIENCE).close()
    except OSError:
        return "not listening"
    return "ok"


def missing(env: Environment) -> list[str]:
    """Parts that keep a call from starting; empty when one can start."""
    try:
        parts = ask(env)
    except (OSError, ValueError):
        return ["pages"]
    return [name for name, state in parts.items() if state not in GOOD]
