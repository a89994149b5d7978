"""The process of a peer, on all cores but the feeder's."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

_START = 180.0  # s that a peer may take until it listens
_STOP = 10.0  # s that it may take to end


class Failed(Exception):
    """A peer did not start; the message names its log."""


@contextmanager
def serving(
    command: Sequence[str], port: int, threads: int, cores: set[int], log: Path
) -> Iterator[None]:
    """Runs a server while the block runs. Raises Failed when it does not listen."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=_environment(threads),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,  # it may have children
        )
        os.sched_setaffinity(process.pid, cores)
        try:
            _wait_for(port, process, log)
            yield
        finally:
            _end(process)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(threads: int) -> dict[str, str]:
    """Every peer builds its model without a thread count: the variable decides."""
    fixed = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(threads)}
    kept = {
        key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ
    }
    return kept | fixed


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + _START
    while monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"it ended with {process.returncode}: see {log}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            sleep(0.25)
    raise Failed(f"it does not listen after {_START:.0f} s: see {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            continue
