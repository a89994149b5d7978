"""Who runs a job, and whether it still lives: pure, but for /proc.

A runner is one run of one job: "host place pid-start random". The place is the kernel
and its set of process numbers, the start is when the process began: two containers of
one name, or a number that is used again, are never taken for each other.
"""

import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

# s that count at most between two looks: who was paused, or without a database, must
# not take the silence of all others for their death
MOST = 20.0


def new(pid: int | None = None) -> str:
    """A name for one run in this process, or in another one of this host; at most 100
    characters."""
    pid = pid or os.getpid()
    return f"{_here()} {pid}-{_started(pid) or 0} {uuid4().hex[:8]}"


def is_dead(runner: str) -> bool:
    """Whether its process is known to be gone; of other hosts nobody knows that."""
    told = re.fullmatch(r"(.+) (\d+)-(\d+) \w+", runner)
    if not told or told[1] != _here():
        return False
    return _is_gone(int(told[2]), int(told[3]))


def _is_gone(pid: int, started: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's
        pass
    now = _started(pid)
    return bool(started) and now is not None and now != started


def _started(pid: int) -> int | None:
    """When a process began, in clock ticks; 0 once it is dead, None if not told."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return 0 if told[0] in "ZX" else int(told[19])  # proc(5): state, starttime


@cache
def _here() -> str:
    try:
        kernel = Path("/proc/sys/kernel/random/boot_id").read_text()
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:
        kernel = numbers = ""
    place = hashlib.sha256(f"{kernel}{numbers}".encode()).hexdigest()[:8]
    return f"{socket.gethostname()[:40]} {place}"


@dataclass
class _Now:
    stopping: bool = False


_now = _Now()


def stop() -> None:
    """Nothing runs in this process from now on."""
    _now.stopping = True  # no threading.Event: see config/processes/stopping.py


def is_stopping() -> bool:
    """Whether this process is to end: it takes no job, and ends those it has."""
    return _now.stopping


class Silence:
    """How long runners have said nothing, by the steady clock of who looks: heartbeats
    are compared with themselves alone, so no clock that is set ends a living job."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked = clock()
        self._silent: dict[Hashable, tuple[Any, float]] = {}

    def look(self, beats: Mapping[Any, Any]) -> dict[Any, float]:
        """Seconds that each has been silent, by its last heartbeat as it is now."""
        now = self._clock()
        passed = min(now - self._looked, MOST)
        self._looked = now
        before, self._silent = self._silent, {}
        for key, beat in beats.items():
            last, silent = before.get(key, (beat, -passed))
            self._silent[key] = (beat, silent + passed if beat == last else 0.0)
        return {key: silent for key, (_, silent) in self._silent.items()}
