"""The front: what a real Caddy lets through, refuses and sends by itself."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.env import Environment
from config.http.addresses import Address
from config.http.bounded import MOST, STREAM_MOST
from config.processes import children, front
from tests.services import free_port, temporary_folder
from tests.waiting import wait_until

RECORDED = bytes(range(256)) * 8


class Pages(BaseHTTPRequestHandler):
    """Answers with the headers it got; /file/NAME has the front send a recording."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        if self.path.startswith("/file/"):
            self.send_header("X-Accel-Redirect", f"/protected/{self.path[6:]}")
            self.send_header("Content-Type", "audio/webm")
            self.send_header("Cache-Control", "private, no-cache")
            self.send_header("X-Secret", "of the pages")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *words: object) -> None:
        """Not in a test."""


@contextmanager
def upstream() -> Iterator[Address]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Address(host="127.0.0.1", port=server.server_address[1])
        server.shutdown()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


NOBODY = Address(host="127.0.0.1", port=1)


@contextmanager
def caddy(
    pages: Address, data: Path, calls: Address = NOBODY, **settings: Any
) -> Iterator[int]:
    """The front before ``pages`` and ``calls``; yields its port."""
    port = int(str(settings.get("site", "")).partition(":")[2] or free_port())
    env = Environment(data_dir=data, port=port, **settings)
    (data / "recordings").mkdir()
    (data / "recordings" / "mix.webm").write_bytes(RECORDED)
    (data / "listen" / "token").mkdir(parents=True)
    for name in ("live.m3u8", "1.aac", "1.aac.part"):
        (data / "listen" / "token" / name).write_bytes(RECORDED)
    (data / "static").mkdir()
    (data / "static" / "a.0123456789ab.js").write_text("let a = 1;")
    (data / "secret_key").write_text("secret")
    file = front.write_caddyfile(env, pages, calls)
    server = children.start(front.command(file))
    try:
        wait_until(lambda: listens(port))
        yield port
    finally:
        children.stop(server, patience=5)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with upstream() as pages, temporary_folder() as data, caddy(pages, data) as number:
        yield number


def ask(
    port: int, path: str = "/", method: str = "GET", body: bytes = b"", **headers: Any
) -> tuple[HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body or None, named)
        answer = connection.getresponse()
        return answer, answer.read()


def seen(port: int, path: str = "/", **headers: Any) -> dict[str, str]:
    """Headers as the pages get them."""
    got: dict[str, str] = json.loads(ask(port, path, **headers)[1])
    return got


def test_it_says_itself_who_asks(port: int) -> None:
    got = seen(port, X_Forwarded_For="10.1.1.1", X_Forwarded_Proto="https")
    assert (got["X-Forwarded-For"], got["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert got["X-Was-Forwarded"] == "yes"


def test_it_takes_no_word_that_is_its_own(port: int) -> None:
    got = seen(port, Daphne_Root_Path="/admin", X_Was_Forwarded="no")
    assert not {"Daphne-Root-Path", "X-Was-Forwarded"} & set(got)


def test_it_believes_a_proxy_that_is_trusted() -> None:
    with (
        upstream() as pages,
        temporary_folder() as data,
        caddy(pages, data, trust_proxy=True) as port,
    ):
        got = seen(
            port, X_Forwarded_For="6.6.6.6, 203.0.113.9", X_Forwarded_Proto="https"
        )
    assert got["X-Forwarded-For"] == "203.0.113.9"  # the first one is anybody's word
    assert got["X-Forwarded-Proto"] == "https"


def test_it_refuses_a_large_body(port: int) -> None:
    assert ask(port, method="POST", body=b"x" * 1000)[0].status == 200
    assert ask(port, method="POST", body=b"x" * (MOST + 1))[0].status == 413


def test_programs_that_stream_reach_the_calls_with_short_texts_alone() -> None:
    with (
        upstream() as calls,
        temporary_folder() as data,
        caddy(NOBODY, data, calls) as port,
    ):
        for path in ("/whip/abc/", "/whep/abc/12/"):
            answer, body = ask(port, path, "POST", b"x" * STREAM_MOST)
            assert answer.status == 200
            assert json.loads(body)["X-Forwarded-For"] == "127.0.0.1"
            too_much = b"x" * (STREAM_MOST + 1)
            assert ask(port, path, "POST", too_much)[0].status == 413
        assert ask(port, "/whipped/")[0].status == 503  # the pages, which are away


def test_it_sends_what_a_view_has_authorised(port: int) -> None:
    answer, body = ask(port, "/file/mix.webm")
    assert (answer.status, body) == (200, RECORDED)
    assert answer.headers["Content-Type"] == "audio/webm"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "X-Secret" not in answer.headers
    assert "X-Accel-Redirect" not in answer.headers


def test_it_sends_ranges_and_knows_what_is_unchanged(port: int) -> None:
    answer, body = ask(port, "/file/mix.webm", Range="bytes=10-19")
    assert (answer.status, body) == (206, RECORDED[10:20])
    assert answer.headers["Content-Range"] == f"bytes 10-19/{len(RECORDED)}"
    tag = answer.headers["ETag"]
    assert ask(port, "/file/mix.webm", If_None_Match=tag)[0].status == 304
    assert ask(port, "/file/mix.webm", Range="bytes=9999-")[0].status == 416


@pytest.mark.parametrize(
    "path", ["/file/../secret_key", "/file/%2e%2e/secret_key", "/file/none.webm"]
)
def test_it_sends_nothing_else(port: int, path: str) -> None:
    answer, body = ask(port, path)
    assert answer.status == 404
    assert b"secret" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/protected/mix.webm",
        "/recordings/mix.webm",
        "/static/../secret_key",
        "/static/%2e%2e/recordings/mix.webm",
    ],
)
def test_nobody_has_a_file_past_the_view(port: int, path: str) -> None:
    answer, body = ask(port, path)
    assert answer.status in (200, 404)  # 200: the pages' own answer
    assert body != RECORDED and body != b"secret"


def test_it_sends_live_streams_by_itself(port: int) -> None:
    playlist, body = ask(port, "/listen/token/live.m3u8")
    assert (playlist.status, body) == (200, RECORDED)
    assert playlist.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    assert playlist.headers["Cache-Control"] == "no-cache"
    assert playlist.headers["Access-Control-Allow-Origin"] == "*"
    sound, _ = ask(port, "/listen/token/1.aac")
    assert (sound.status, sound.headers["Content-Type"]) == (200, "audio/aac")


@pytest.mark.parametrize(
    "path",
    [
        "/listen/",
        "/listen",
        "/listen/token/",
        "/listen/token",
        "/listen/token/1.aac.part",
        "/listen/other/live.m3u8",
        "/listen/token/../../recordings/mix.webm",
        "/listen/..%2frecordings%2fmix.webm",
    ],
)
def test_of_streams_it_sends_what_is_known_by_name(port: int, path: str) -> None:
    answer, body = ask(port, path)
    outside = ".." in path or path == "/listen"  # that is for the pages
    assert answer.status == 404 or outside
    assert RECORDED not in body and b"m3u8" not in body


def test_it_sends_static_files_for_ever(port: int) -> None:
    answer, body = ask(port, "/static/a.0123456789ab.js")
    assert (answer.status, body) == (200, b"let a = 1;")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(port, "/static/none.js")[0].status == 404


def test_calls_that_are_away_are_said_to_be() -> None:
    """Also pages: who comes while they are started again is asked to wait."""
    nobody = Address(host="127.0.0.1", port=free_port())
    with temporary_folder() as data, caddy(nobody, data) as port:
        answer, body = ask(port, "/ws/room/abc/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert b"starting" in body


def _ask_securely(port: int, root: Path, answers: list[bytes]) -> bool:
    """Whether it answers with a certificate of that authority: it takes a moment."""
    trusting = ssl.create_default_context(cafile=str(root))
    raw = socket.create_connection(("127.0.0.1", port), 10)
    try:
        with trusting.wrap_socket(raw, server_hostname="localhost") as secure:
            secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            secure.sendall(b"Connection: close\r\n\r\n")
            answers.append(b"".join(iter(lambda: secure.recv(4096), b"")))
    except ssl.SSLError:
        return False
    return True


def test_a_data_folder_may_have_a_space_in_its_name() -> None:
    with temporary_folder() as folder:
        data = folder / "our calls"
        data.mkdir()
        pages = Address(path=data / "pages.sock")
        with caddy(pages, data) as port:
            assert ask(port, "/static/a.0123456789ab.js")[0].status == 200
            assert ask(port)[0].status == 503


def test_it_speaks_https_where_the_site_has_a_name() -> None:
    """With Caddy's own authority, as no network is needed for it."""
    number = free_port()
    with (
        upstream() as pages,
        temporary_folder() as data,
        caddy(pages, data, site=f"localhost:{number}"),
    ):
        root = data / "caddy/pki/authorities/local/root.crt"
        wait_until(root.exists)
        answers: list[bytes] = []
        wait_until(lambda: _ask_securely(number, root, answers))
        assert b'"X-Forwarded-Proto": "https"' in answers[0]
        assert not (data / "caddy").stat().st_mode & 0o077
