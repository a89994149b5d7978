"""Starts the processes of one installation, watches them, and stops them in order."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from config.processes import children

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.1  # seconds before a dead process is started again; doubles each time
LONGEST_PAUSE = 15.0  # seconds
STEADY = 5.0  # a process that lived this long, in seconds, starts afresh


@dataclass
class Service:
    """A process that shall run: started again whenever it ends by itself."""

    name: str
    command: Sequence[str]
    patience: float  # seconds from SIGTERM to SIGKILL
    niceness: int = 0  # how much it gives way to the others
    # What starts another one that waits on its standard input until it is needed: the
    # imports are done when people wait to be back in their call.
    stand_by: Sequence[str] = ()
    next: "subprocess.Popen[bytes] | None" = None
    prepared: float = -LONGEST_PAUSE  # when that one was started
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float | None = None  # when to start it again


@dataclass
class Supervisor:
    """``inherited``: file descriptors that every child keeps open."""

    inherited: Sequence[int] = ()
    clock: Callable[[], float] = time.monotonic
    services: list[Service] = field(default_factory=list)

    def start(self, service: Service) -> None:
        """From the main thread, as children die with the thread that started them."""
        if service not in self.services:
            self.services.append(service)
        service.process = _called(service) or children.start(
            service.command, keep=self.inherited, niceness=service.niceness
        )
        service.started, service.due = self.clock(), None

    def watch(self) -> None:
        """Look once at every process; call it several times a second."""
        for service in self.services:
            if service.due is not None:
                if self.clock() >= service.due:
                    self.start(service)
            elif service.process and service.process.poll() is not None:
                self._note_end(service)
            elif service.stand_by and self.clock() - service.started > STEADY:
                self._prepare_next(service)

    def _prepare_next(self, service: Service) -> None:
        if service.next is not None:
            if service.next.poll() is None:
                return
            log.error(f"who stood by for {service.name} is gone")
            children.stop(service.next, 0)
            service.next = None
        if self.clock() - service.prepared >= LONGEST_PAUSE:  # it may die at once
            service.prepared = self.clock()
            service.next = children.start(
                service.stand_by, self.inherited, service.niceness, subprocess.PIPE
            )

    def _note_end(self, service: Service) -> None:
        assert service.process
        if self.clock() - service.started > STEADY:
            service.pause = FIRST_PAUSE
        service.due = self.clock() + service.pause
        log.error(
            f"{service.name} {_ending(service.process.returncode)}, "
            f"it is started again in {service.pause:g} s"
        )
        service.pause = min(service.pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """The last one started is the first to go, and is waited for."""
        for service in reversed(self.services):
            for process in (service.next, service.process):
                if process:
                    children.stop(process, service.patience)
        self.services.clear()


def _called(service: Service) -> "subprocess.Popen[bytes] | None":
    """The process that stood by, now told that it is needed; none if there is none."""
    process, service.next = service.next, None
    if process is None or process.stdin is None:
        return None
    try:
        with process.stdin as waits_for:
            waits_for.write(b"\n")
    except BrokenPipeError:  # it has died
        process.wait()
        return None
    return process


def _ending(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit {code}"
