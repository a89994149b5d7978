"""A whole site as ``make run`` starts it, with a call that people may join.

The benchmark's own process sees the site's database: nothing of Django is imported
before ``fresh``.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from config.processes.children import STANDING_BY

ROOT = Path(__file__).parent.parent
READY = 90.0  # s
LOG = "site.log"


@dataclass
class Seat:
    """Somebody who may enter the room: the cookie of their session."""

    participant: int
    cookie: str


@dataclass
class Site:
    """One running installation."""

    data: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def pids(self) -> dict[str, int]:
        """Process id of each part that runs now."""
        return parts(self.process.pid)

    def memory(self, name: str) -> float:
        """Resident memory of a part, in MB; 0 while it is not there."""
        try:
            status = Path(f"/proc/{self.pids()[name]}/status").read_text()
        except (KeyError, FileNotFoundError):
            return 0.0
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1000

    def is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def wait_ready(self) -> None:
        """Raises TimeoutError."""
        deadline = time.monotonic() + READY
        while not self.is_ready():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError((self.data / LOG).read_text())
            time.sleep(0.2)


def parts(supervisor: int) -> dict[str, int]:
    """The processes that a supervisor has started, by what they are."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    found = {_name(pid): int(pid) for pid in children.split()}
    found.pop("", None)
    return found


def _name(pid: str) -> str:
    """Empty for a dead one."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if len(words) < 2:
        return ""
    program = words[0].split(b" ")[0].rsplit(b"/", 1)[-1]
    known = {b"valkey-server": "valkey", b"redis-server": "valkey", b"caddy": "front"}
    if words[-2] == b"--stand-by":  # once it is needed it goes by its name
        comm = Path(f"/proc/{pid}/comm").read_text().strip()
        return comm if comm == words[-3].decode() else STANDING_BY
    return known.get(program) or words[-2].decode()


@contextmanager
def fresh(model: Path) -> Iterator[Site]:
    """A new site in a folder of its own. Callers go before it: elsewhere, they have
    machines of their own."""
    with tempfile.TemporaryDirectory(prefix="es-") as folder:
        port = _free_port()
        prepare(Path(folder), port, str(model))
        with suppress(PermissionError):
            os.nice(-5)
        with running(Path(folder), port) as site:
            yield site


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def prepare(data: Path, port: int, model: str) -> None:
    """Settings of the site, for it and for this process."""
    import django

    os.environ.update(DATA_DIR=str(data), PORT=str(port), WHISPER_MODEL=model)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()


@contextmanager
def running(data: Path, port: int) -> Iterator[Site]:
    """The site, until Ctrl-C."""
    (data / "demo_call_imported").touch()
    with open(data / LOG, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--die-with-parent"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    site = Site(data, port, process)
    try:
        site.wait_ready()
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def seats(names: list[str]) -> tuple[int, str, list[Seat]]:
    """A new meeting: its id, its code and a seat for each name. Needs the database."""
    from django.contrib.auth.models import User

    from meetings import services
    from meetings.models import Meeting

    owner = User.objects.get(username="admin")
    meeting: Meeting = services.create_meeting(owner, "Benchmark")
    link = services.guest_link(meeting, owner)
    return meeting.pk, meeting.code, [_seat(link, name) for name in names]


def _seat(link: object, name: str) -> Seat:
    from django.contrib.sessions.backends.db import SessionStore

    from meetings import access, services
    from meetings.models import GuestLink

    assert isinstance(link, GuestLink)
    person = services.admit_guest(link, name, "recorded", "127.0.0.1")
    session = SessionStore()
    access.redeem(session, link)
    access.take_seat(session, person)
    session.save()
    return Seat(person.pk, f"sessionid={session.session_key}")


def host_cookie() -> str:
    """Session of the account that may see and import everything."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    admin = User.objects.get(username="admin")
    session = SessionStore()
    session[SESSION_KEY] = str(admin.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = admin.get_session_auth_hash()
    session.save()
    return f"sessionid={session.session_key}"
