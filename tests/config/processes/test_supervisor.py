"""The supervisor on processes that do little, with a clock that the test turns."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes.supervisor import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    STEADY,
    Service,
    Supervisor,
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def supervisor(clock: Clock) -> Iterator[Supervisor]:
    supervisor = Supervisor(clock=clock)
    yield supervisor
    supervisor.stop()


def failing() -> Service:
    return Service("failing", [sys.executable, "-c", "raise SystemExit(3)"], 1)


def end(supervisor: Supervisor, service: Service) -> None:
    assert service.process
    service.process.wait(20)
    supervisor.watch()


def test_it_waits_before_it_starts_again(supervisor: Supervisor, clock: Clock) -> None:
    service = failing()
    supervisor.start(service)
    first = service.process
    end(supervisor, service)
    supervisor.watch()
    assert service.process is first
    clock.now += FIRST_PAUSE
    supervisor.watch()
    assert service.process is not first


def test_it_waits_longer_each_time(supervisor: Supervisor, clock: Clock) -> None:
    service = failing()
    supervisor.start(service)
    pauses = []
    for _ in range(10):
        end(supervisor, service)
        assert service.due is not None
        pauses.append(service.due - clock.now)
        clock.now = service.due
        supervisor.watch()
    doubled = [FIRST_PAUSE * 2**n for n in range(8)]
    assert pauses == pytest.approx([*doubled, LONGEST_PAUSE, LONGEST_PAUSE])


def test_it_forgives_after_a_steady_time(supervisor: Supervisor, clock: Clock) -> None:
    service = failing()
    service.pause = 8.0
    supervisor.start(service)
    clock.now += STEADY + 1
    end(supervisor, service)
    assert service.due == clock.now + FIRST_PAUSE


def test_it_stops_the_last_started_first(tmp_path: Path) -> None:
    script = (
        "import pathlib, signal, sys, time\n"
        "def leave(*_):\n"
        "    with open(sys.argv[1], 'a') as log: log.write(sys.argv[2])\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "pathlib.Path(sys.argv[3]).touch()\n"
        "time.sleep(60)\n"
    )
    supervisor = Supervisor()
    for name in "ab":
        command = [sys.executable, "-c", script, str(tmp_path / "log"), name]
        supervisor.start(Service(name, [*command, str(tmp_path / name)], 20))
    while not all((tmp_path / name).exists() for name in "ab"):
        assert os.getpid()
    supervisor.stop()
    assert (tmp_path / "log").read_text() == "ba"


def test_it_kills_what_does_not_leave(tmp_path: Path) -> None:
    script = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(60)\n"
    )
    supervisor = Supervisor()
    marker = tmp_path / "deaf"
    service = Service("deaf", [sys.executable, "-c", script, str(marker)], 0.1)
    supervisor.start(service)
    while not marker.exists():
        assert service.process and service.process.poll() is None
    supervisor.stop()
    assert service.process and service.process.returncode == -9
