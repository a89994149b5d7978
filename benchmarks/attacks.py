"""What the internet does to a server, on this machine and for so many seconds.

python -m benchmarks.attacks KIND URL CODE COOKIE SECONDS
"""

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

CONNECTIONS = 64
LORIS = 200
VIEWERS = 100
UPLOADS = 20
FILMED = 60  # s of the call that is made into a film
BEGIN = 60.0  # s until it is mixed and the film has begun
LARGE = 1_500_000_000  # bytes
BLOCK = b"x" * 65_536


def home_page(url: str, code: str, cookie: str, seconds: float) -> None:
    """The home page of somebody who is signed in, with all that wrk gives."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    subprocess.run(
        [
            *("wrk", "-t2", f"-c{CONNECTIONS}", f"-d{round(seconds)}s"),
            *("-H", f"Cookie: {cookie}", f"{url}/"),
        ],
        check=True,
    )


def large_by_length(url: str, code: str, cookie: str, seconds: float) -> None:
    """Bodies of 1.5 GB, said beforehand."""
    head = f"Content-Length: {LARGE}\r\n"
    _again_and_again(seconds, lambda: _post(url, head, BLOCK))


def large_by_chunks(url: str, code: str, cookie: str, seconds: float) -> None:
    """Bodies of 1.5 GB, in chunks."""
    chunk = b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK)
    _again_and_again(
        seconds, lambda: _post(url, "Transfer-Encoding: chunked\r\n", chunk)
    )


def _again_and_again(seconds: float, once: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        once()
        time.sleep(0.05)


def _post(url: str, head: str, block: bytes) -> None:
    with suppress(OSError), socket.create_connection(_address(url), 10) as peer:
        line = f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n"
        peer.sendall(line.encode())
        for _ in range(LARGE // len(BLOCK)):
            peer.sendall(block)


def slow_loris(url: str, code: str, cookie: str, seconds: float) -> None:
    """Connections that never finish their request."""
    peers = [socket.create_connection(_address(url), 10) for _ in range(LORIS)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for number, peer in enumerate(peers):
            try:
                peer.sendall(b"G" if number % 2 else b"GET / HTTP/1.1\r\nX: ")
            except OSError:  # cut off, as it should be: here is the next one
                peers[number] = socket.create_connection(_address(url), 10)
        time.sleep(1)


def viewers_who_never_read(url: str, code: str, cookie: str, seconds: float) -> None:
    """Caption sockets whose reader has gone to lunch."""
    peers = [_viewer(url, code, cookie) for _ in range(VIEWERS)]
    time.sleep(seconds)
    for peer in peers:
        peer.close()


def _viewer(url: str, code: str, cookie: str) -> socket.socket:
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    peer.settimeout(10)
    peer.connect(_address(url))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET /ws/captions/{code}/ HTTP/1.1",
        f"Host: localhost:{urlsplit(url).port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Origin: {url}",
        f"Cookie: {cookie}",
    )
    peer.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return peer


def uploads(url: str, code: str, cookie: str, seconds: float) -> None:
    """Twenty people import a minute of sound at once, round after round."""
    sound = _a_minute()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with ThreadPoolExecutor(UPLOADS) as pool:
            list(pool.map(lambda _: _upload(url, cookie, sound), range(UPLOADS)))


def _a_minute() -> bytes:
    """A WAV file of noise."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(os.urandom(2 * 16_000 * 60))
    return file.getvalue()


def _upload(url: str, cookie: str, sound: bytes) -> None:
    """As the page does it; a server that is busy is asked no second time."""
    try:
        with closing(HTTPConnection(*_address(url), timeout=60)) as peer:
            token = _token(peer, cookie)
            head = {"Cookie": f"{cookie}; csrftoken={token}", "X-CSRFToken": token}
            tus = {**head, "Tus-Resumable": "1.0.0"}
            name = {"Upload-Metadata": "filename bm9pc2Uud2F2"}
            length = {"Upload-Length": str(len(sound))}
            made = _ask(peer, "POST", "/uploads/", b"", {**tus, **name, **length})
            place = urlsplit(made.headers["Location"]).path
            kind = {"Content-Type": "application/offset+octet-stream"}
            _ask(peer, "PATCH", place, sound, {**tus, **kind, "Upload-Offset": "0"})
            form = {"Content-Type": "application/x-www-form-urlencoded", **head}
            body = f"uploads={place.rsplit('/', 1)[1]}&title=Noise&again=1".encode()
            _ask(peer, "POST", "/import/", body, form)
    except (OSError, HTTPException) as why:
        print(f"an upload failed: {why!r}", file=sys.stderr)


def _token(peer: HTTPConnection, cookie: str) -> str:
    answer = _ask(peer, "GET", "/", b"", {"Cookie": cookie})
    return SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"].value


def _ask(
    peer: HTTPConnection, method: str, path: str, body: bytes, head: dict[str, str]
) -> HTTPResponse:
    peer.request(method, path, body, {"Host": f"localhost:{peer.port}", **head})
    answer = peer.getresponse()
    answer.read()
    if answer.status >= 400:
        raise HTTPException(f"{method} {path}: {answer.status}")
    return answer


def film(url: str, code: str, cookie: str, seconds: float) -> None:
    """A film of another call is made: the heaviest of our own jobs."""
    import django

    django.setup()  # the site's settings are in our environment
    from benchmarks import filmed_call
    from meetings.models import Job

    films = Job.objects.filter(meeting=filmed_call.make(FILMED), kind="film")
    _wait(lambda: films.filter(progress__gt=0).exists(), BEGIN)
    time.sleep(seconds)
    if film := films.filter(state=Job.State.FAILED).first():
        raise SystemExit(f"no film was made: {film.error}")


def _wait(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        time.sleep(0.2)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return "127.0.0.1", parts.port or 80


KINDS: dict[str, Callable[[str, str, str, float], None]] = {
    "home page": home_page,
    "1.5 GB by length": large_by_length,
    "1.5 GB by chunks": large_by_chunks,
    "slow loris": slow_loris,
    "never reading": viewers_who_never_read,
    "film": film,
    "uploads": uploads,  # last: its imports keep the worker busy for a minute
}

if __name__ == "__main__":
    kind, url, code, cookie, seconds = sys.argv[1:]
    KINDS[kind](url, code, cookie, float(seconds))
