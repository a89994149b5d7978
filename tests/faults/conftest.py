"""Whole processes on the tests' own database and Valkey, to be frozen and killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from benchmarks.fixture_model import FIXTURE_MODEL
from config.processes import children
from meetings.rooms import nodes
from tests.services import ROOT, free_port
from tests.waiting import wait_until

SITE = "http://meetings.example"  # the address of both, as people know it
START = 90.0  # s, on a machine that runs other tests, too


@dataclass
class CallProcess:
    """One ``manage.py calls``."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def node(self) -> str:
        return f"{os.uname().nodename}:127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        nodes.known.forget()
        return self.node in nodes.reports()

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)


def _database() -> str:
    """DATABASE_URL of the database that this test uses."""
    about = connection.settings_dict
    if "sqlite" in about["ENGINE"]:
        return f"sqlite://{about['NAME']}"
    host = quote(str(about["HOST"]), safe="")
    return f"postgres://{about['USER']}@/{about['NAME']}?host={host}"


@pytest.fixture
def call_processes(
    transactional_db: None, redis: str, tmp_path: Path
) -> Iterator[list[CallProcess]]:
    """Two of them, side by side."""
    with ExitStack() as stack:
        running = [_start(stack, tmp_path / f"calls-{n}.log") for n in range(2)]
        for one in running:
            wait_until(one.is_ready, START)
        yield running


def _start(stack: ExitStack, log: Path) -> CallProcess:
    port = free_port()
    ours = {
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": _database(),
        "REDIS_URL": settings.REDIS_URL,
        "PORT": str(port),
        "CALLS_BIND": f"127.0.0.1:{port}",
        "FRONT": "none",
        "PUBLIC_URL": SITE,
        "WHISPER_MODEL": str(FIXTURE_MODEL),
    }
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "calls"],
            cwd=ROOT,
            env={**os.environ, **ours},
            stdout=out,
            stderr=out,
        )
    stack.callback(children.stop, process, 10)
    return CallProcess(port, process, log)
