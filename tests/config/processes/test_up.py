"""make run's supervisor with its real processes: start, health, faults, end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from benchmarks.site import parts
from config.health.doctor import CHECKS
from config.processes.children import STANDING_BY
from tests.services import ROOT, free_port, temporary_folder

PATIENCE = 120.0  # seconds, on a machine that runs other tests, too


def environment(data: Path, port: int) -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {k: v for k, v in os.environ.items() if k not in names}
    settings = {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "WHISPER_MODEL": str(FIXTURE_MODEL),
    }
    return kept | settings


def manage(data: Path, port: int, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment(data, port),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@dataclass
class Installation:
    data: Path
    port: int
    process: "subprocess.Popen[str]"

    @property
    def output(self) -> str:
        return (self.data / "up.log").read_text()

    def is_ready(self) -> bool:
        """Ready, or gone: then the test says what it misses."""
        if self.process.poll() is not None:
            return True
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def get(self, path: str) -> tuple[int, bytes, HTTPMessage]:
        return self.ask("GET", path)

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, bytes, HTTPMessage]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers

    def children(self) -> dict[str, int]:
        return parts(self.process.pid)


def wait_for(what: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"  # dead; in a container nobody may collect it


@contextmanager
def start(data: Path) -> Iterator[Installation]:
    port = free_port()
    with open(data / "up.log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=environment(data, port),
            stdout=log,
            stderr=log,
            text=True,
        )
    started = Installation(data, port, process)
    try:
        wait_for(lambda: "Sign in" in started.output or process.poll() is not None)
        wait_for(started.is_ready)
        yield started
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    with temporary_folder() as data, start(data) as started:
        yield started


def test_it_is_ready_when_it_greets(running: Installation) -> None:
    status, body, _ = running.get("/readyz")
    assert (status, json.loads(body)) == (
        200,
        {
            "ready": True,
            "database": "ok",
            "redis": "ok",
            "calls": "ok",
            "model": "ok",
        },
    )
    assert running.get("/livez")[:2] == (200, b"ok\n")


def test_it_prints_a_link_that_signs_in_once(running: Installation) -> None:
    link = next(w for w in running.output.split() if "/signin/" in w)
    origin, path = link[: link.index("/signin/")], link[link.index("/signin/") :]
    assert origin == f"http://localhost:{running.port}"
    _, page, headers = running.get(path)
    found = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    status, _, headers = running.ask(
        "POST",
        path,
        f"csrfmiddlewaretoken={found[1].decode()}",
        **{
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": headers["Set-Cookie"].partition(";")[0],
        },
    )
    assert (status, headers["Location"]) == (302, "/")
    assert "sessionid=" in " ".join(headers.get_all("Set-Cookie", []))
    assert running.get(path)[0] == 410


def test_the_link_is_told_last_and_alone(running: Installation) -> None:
    """Behind all that a first start tells, without a warning before it."""
    lines = [line for line in running.output.splitlines() if line]
    at = next(n for n, line in enumerate(lines) if "/signin/" in line)
    assert re.fullmatch(r"http://localhost:\d+/signin/\S+", lines[at])
    assert lines[at - 2].startswith("Earshot runs at ")
    assert lines[at - 1] == "Sign in as the administrator, once:"
    assert not [line for line in lines[:at] if "[warn" in line or "[error" in line]


def test_it_imports_the_demo_call_at_the_first_start(running: Installation) -> None:
    wait_for(lambda: (running.data / "demo_call_imported").exists())
    folders = list((running.data / "recordings").iterdir())
    assert len(folders) == 1


def test_it_serves_static_files_with_debug_off(running: Installation) -> None:
    manifest = json.loads((running.data / "static" / "staticfiles.json").read_text())
    name = manifest["paths"]["admin/css/base.css"]
    status, body, headers = running.get(f"/static/{name}")
    assert (status, headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in headers["Cache-Control"]
    assert body == (running.data / "static" / name).read_bytes()


def test_it_lets_one_run_on_a_data_folder(running: Installation) -> None:
    second = manage(running.data, free_port(), "up")
    assert second.returncode == 1
    assert second.stderr.splitlines() == [
        f"earshot: Earshot already runs on {running.data} "
        f"(process {running.process.pid})."
    ]


def test_it_finds_nothing_to_do_with_the_doctor(running: Installation) -> None:
    report = manage(running.data, running.port, "doctor")
    states = [line.split()[0] for line in report.stdout.splitlines()]
    assert states == ["ok"] * len(CHECKS), report.stdout
    assert report.returncode == 0


def test_it_starts_a_dead_process_again(running: Installation) -> None:
    killed = running.children()["worker"]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: running.children().get("worker", killed) != killed)
    assert "worker was killed by signal 9" in running.output


def test_who_stood_by_takes_the_place_of_dead_calls(running: Installation) -> None:
    wait_for(lambda: STANDING_BY in running.children())
    stood_by, killed = running.children()[STANDING_BY], running.children()["calls"]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: running.children().get("calls", killed) != killed)
    assert running.children()["calls"] == stood_by
    wait_for(running.is_ready)


def test_it_keeps_its_secrets_to_itself(running: Installation) -> None:
    assert (running.data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_it_leaves_no_child_when_killed_and_starts_again_at_once() -> None:
    with temporary_folder() as data:
        (data / "demo_call_imported").touch()
        with start(data) as killed:
            children = killed.children()
            known = {"valkey", "front", "worker", "pages", "calls"}
            assert set(children) - {STANDING_BY} == known
            killed.process.kill()
            with start(data) as again:
                assert all(map(is_gone, children.values()))
                assert again.get("/readyz")[0] == 200


def test_it_stops_in_order() -> None:
    with temporary_folder() as data:
        (data / "demo_call_imported").touch()
        with start(data) as stopped:
            children = stopped.children()
            stopped.process.send_signal(signal.SIGINT)
            assert stopped.process.wait(PATIENCE) == 0
            assert all(map(is_gone, children.values()))
            assert stopped.output.splitlines()[-1] == "Stopped."


def test_it_names_a_port_in_use() -> None:
    with temporary_folder() as data, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = manage(data, port, "up")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"earshot: Port {port} is in use. Choose another one: make run PORT={port + 1}"
    ]


def test_it_names_a_folder_it_cannot_write() -> None:
    with temporary_folder() as folder:
        (folder / "file").touch()
        data = folder / "file" / "data"
        refused = manage(data, free_port(), "up")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"earshot: DATA_DIR {data} cannot be written (Not a directory). "
        "Give make run a folder of yours: make run DATA=~/earshot-data"
    ]
