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


STANDS_BY = """
import os, pathlib, sys, time
if os.read(0, 1):
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
"""


def with_one_standing_by(supervisor: Supervisor, clock: Clock, marker: Path) -> Service:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    stand_by = [sys.executable, "-c", STANDS_BY, str(marker)]
    service = Service("work", command, 20, stand_by=stand_by)
    supervisor.start(service)
    supervisor.watch()
    assert service.next is None  # all else comes first
    clock.now += STEADY + 1
    supervisor.watch()
    assert service.next is not None
    return service


def die(supervisor: Supervisor, clock: Clock, service: Service) -> None:
    assert service.process
    service.process.kill()
    end(supervisor, service)
    clock.now += FIRST_PAUSE
    supervisor.watch()


def test_who_stands_by_takes_over(
    supervisor: Supervisor, clock: Clock, tmp_path: Path
) -> None:
    service = with_one_standing_by(supervisor, clock, tmp_path / "needed")
    stood_by = service.next
    assert not (tmp_path / "needed").exists()
    die(supervisor, clock, service)
    assert (service.process, service.next) == (stood_by, None)
    while not (tmp_path / "needed").exists():
        assert service.process and service.process.poll() is None


def test_one_that_died_while_standing_by_is_not_waited_for(
    supervisor: Supervisor, clock: Clock, tmp_path: Path
) -> None:
    service = with_one_standing_by(supervisor, clock, tmp_path / "needed")
    dead = service.next
    assert dead
    dead.kill()
    dead.wait(20)
    die(supervisor, clock, service)
    assert service.process is not dead
    assert service.process and service.process.poll() is None


def test_who_cannot_stand_by_is_not_tried_all_the_time(
    supervisor: Supervisor, clock: Clock
) -> None:
    service = Service("work", [sys.executable, "-c", "import time; time.sleep(60)"], 20)
    service.stand_by = [sys.executable, "-c", "raise SystemExit(1)"]
    supervisor.start(service)
    clock.now += STEADY + 1
    supervisor.watch()
    assert service.next
    service.next.wait(20)
    for _ in range(5):
        supervisor.watch()
        assert service.next is None
    clock.now += LONGEST_PAUSE
    supervisor.watch()
    assert service.next


def test_it_stops_who_stands_by(
    supervisor: Supervisor, clock: Clock, tmp_path: Path
) -> None:
    service = with_one_standing_by(supervisor, clock, tmp_path / "needed")
    supervisor.stop()
    assert service.next and service.next.returncode is not None
    assert not (tmp_path / "needed").exists()


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
