"""Child processes that do not outlive the one that started them."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # linux/prctl.h
STANDING_BY = "standing by"  # the name of such a process, as ps -o comm shows it
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals) -> None:
    """Ask for signal ``number`` when the parent dies, however it dies. Linux only.

    The promise is tied to the parent's thread that forked, so fork from the main one.
    """
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, number)


def start(
    command: Sequence[str],
    keep: Sequence[int] = (),
    niceness: int = 0,
    stdin: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Run ``command``; SIGTERM ends it when this process dies. From the main thread.

    The child leads a session of its own: Ctrl-C in a terminal reaches only us. It has
    the file descriptors ``keep`` open, and gives way to others by ``niceness``.
    """
    parent = os.getpid()

    def before_exec() -> None:
        die_with_parent(signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
        os.nice(niceness)

    return subprocess.Popen(
        command,
        preexec_fn=before_exec,
        start_new_session=True,
        pass_fds=keep,
        stdin=stdin,
    )


def stand_by(name: str) -> bool:
    """For a child with all its imports done: wait to be needed, then go by ``name``.

    False when its parent is gone instead.
    """
    _call_ourselves(STANDING_BY)
    needed = bool(os.read(0, 1))
    _call_ourselves(name)
    return needed


def _call_ourselves(name: str) -> None:
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_NAME, name.encode())


def stop(child: "subprocess.Popen[bytes]", patience: float) -> None:
    """SIGTERM, ``patience`` seconds to leave, then SIGKILL."""
    if child.stdin:
        child.stdin.close()
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
