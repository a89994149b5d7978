"""What the tests run on: a real Redis and a real PostgreSQL, thrown away afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from redis import Redis
from redis.exceptions import ConnectionError

from config.processes import children, valkey

ROOT = Path(__file__).resolve().parent.parent
WAIT = 20.0  # seconds for a service to answer on a busy machine
NO_POSTGRES = "PostgreSQL's server is missing: apt-get install postgresql"


class MissingService(Exception):
    """A service is not on this machine; the message says what to install."""


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder with a short name, because sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="es-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


_valkeys: list[int] = []


def valkey_process() -> int:
    """Process id of the Valkey that was started last, to freeze or to kill it."""
    return _valkeys[-1]


@contextmanager
def redis(socket: Path) -> Iterator[str]:
    """A Valkey on ``socket``; yields its URL."""
    server = children.start(valkey.command(socket, socket.parent))
    _valkeys.append(server.pid)
    try:
        with Redis(unix_socket_path=str(socket)) as client:
            _wait_until(lambda: bool(client.ping()), ConnectionError)
        yield f"unix://{socket}?db=0"
    finally:
        _valkeys.remove(server.pid)
        children.stop(server, patience=5)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A cluster in ``folder`` that forgets durability for speed; yields its URL.

    Raises MissingService where the server's programs are not installed.
    """
    programs = _postgres_programs()
    data = folder / "postgres"
    data.mkdir()
    _give_to_postgres(folder, data)
    _run([programs / "initdb", "-D", data, "-A", "trust", "-U", "earshot"])
    server = children.start(
        [
            *_as_postgres(),
            *(str(programs / "postgres"), "-D", str(data), "-k", str(data)),
            *("-c", "listen_addresses=", "-c", "fsync=off"),
            *("-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
            *("-c", "log_min_messages=panic"),
        ]
    )
    url = f"postgres://earshot@/earshot?host={quote(str(data), safe='')}"
    try:
        _wait_until(lambda: _postgres_answers(data), psycopg.OperationalError)
        yield url
    finally:
        # SIGINT disconnects the clients; SIGTERM would wait for them to leave.
        server.send_signal(signal.SIGINT)
        children.stop(server, patience=10)


def _postgres_programs() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        raise MissingService(NO_POSTGRES)
    return Path(found).resolve().parent


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package made a user for it."""
    if os.getuid() != 0:
        return []
    return [
        "setpriv",
        *("--reuid=postgres", "--regid=postgres", "--clear-groups"),
        # A change of user clears the signal that children.start asked for.
        *("--pdeathsig", "INT"),
    ]


def _give_to_postgres(*folders: Path) -> None:
    if os.getuid() != 0:
        return
    user = pwd.getpwnam("postgres")
    folders[0].chmod(0o711)
    os.chown(folders[-1], user.pw_uid, user.pw_gid)


def _run(command: list[str | Path]) -> None:
    subprocess.run(
        [*_as_postgres(), *map(str, command)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _postgres_answers(socket_folder: Path) -> bool:
    with psycopg.connect(host=str(socket_folder), user="earshot", dbname="postgres"):
        return True


def _wait_until(answers: Callable[[], bool], *refusals: type[Exception]) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        with suppress(*refusals):
            if answers():
                return
        time.sleep(0.02)
    raise TimeoutError(f"no answer within {WAIT:.0f} s")
