"""What bounds Daphne, on live connections: see config/http/bounded.py."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import pytest
from websockets.sync.client import connect

from config.http.bounded import MOST, STREAM_MOST, STREAM_SECONDS
from tests.bounded_server import PIECE, PIECES
from tests.services import free_port

MEGABYTE = 1024 * 1024
ROOM = 40 * MEGABYTE  # that a reader who takes nothing may cost


class Served:
    """The server under test."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port
        self.before = self.memory()

    def memory(self) -> int:
        """Bytes that it holds."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text()
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def grew(self) -> int:
        """Bytes that it holds more than at the start."""
        return self.memory() - self.before

    def ask(self, method: str = "GET", path: str = "/", **more: object) -> bytes:
        """The answer to one request."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, **more)  # type: ignore[arg-type]
            return connection.getresponse().read()


@pytest.fixture
def served() -> Iterator[Served]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bounded_server", str(port)]
    )
    try:
        deadline = monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert monotonic() < deadline, "it does not listen"
                sleep(0.05)
        yield Served(process, port)
    finally:
        process.kill()
        process.wait()


def test_it_reads_a_body_within_the_bound(served: Served) -> None:
    assert served.ask("POST", body=b"x" * MOST) == b"%d " % MOST


@pytest.mark.parametrize("path", ["/whip/x/", "/whep/x/y/"])
def test_where_anybody_may_ask_a_body_is_small(served: Served, path: str) -> None:
    assert served.ask("POST", path, body=b"x" * STREAM_MOST) == b"%d " % STREAM_MOST
    assert b"64 KB" in served.ask("POST", path, body=b"x" * (STREAM_MOST + 1))


def test_who_dawdles_where_anybody_may_ask_is_cut_off(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 20) as client:
        head = b"POST /whip/x/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n"
        client.sendall(head + b"v=0")
        began = monotonic()
        sleep(STREAM_SECONDS / 2)
        client.sendall(b"o=-")  # a drop now and then gives no more time
        with client.makefile("rb") as file:
            answer = file.read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert monotonic() - began < STREAM_SECONDS + 5


def test_a_body_that_says_it_is_too_large_is_refused_unread(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
        client.sendall(head % (MOST + 1))
        with client.makefile("rb") as file:
            answer = file.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in answer


def test_a_body_that_turns_out_too_large_is_refused(served: Served) -> None:
    """Without a length, in chunks; a client that does not listen is cut off."""
    sent = 0
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        try:
            while sent < 200 * MEGABYTE:
                client.sendall(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
                sent += len(PIECE)
        except OSError:
            pass
    assert sent < 2 * MOST
    assert served.grew() < ROOM
    assert served.ask() == b"0 "


def test_an_answer_waits_for_its_reader(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        client.sendall(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        sleep(1)
        assert served.grew() < ROOM
        assert served.ask() == b"0 "  # the others are served meanwhile
    assert served.ask("GET", "/flood")[-2:] == b"0 "


def test_messages_wait_for_their_reader(served: Served) -> None:
    url = f"ws://127.0.0.1:{served.port}/"
    with connect(url, max_queue=1, compression=None) as client:
        sleep(1)
        assert served.grew() < ROOM
        assert sum(len(message) for message in client) == PIECES * len(PIECE)
        assert client.close_code == 1000


def test_a_reader_that_never_reads_is_let_go(served: Served) -> None:
    """The close frame waits behind what he does not take: the connection ends."""
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        client.sendall(
            b"GET /closing HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        deadline = monotonic() + 10
        while _is_open(client) and monotonic() < deadline:
            sleep(0.1)
        assert monotonic() < deadline
        assert served.grew() < ROOM


def _is_open(client: socket.socket) -> bool:
    """Asks the kernel, without reading."""
    established = 1  # TCP_ESTABLISHED
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO) == established


def test_a_reader_that_goes_away_stops_the_sender(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        client.sendall(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        sleep(0.3)
    assert served.ask() == b"0 "


def test_nobody_outside_says_where_the_application_lies(served: Served) -> None:
    assert served.ask(headers={"Daphne-Root-Path": "/evil"}) == b"0 "
