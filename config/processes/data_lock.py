"""One installation per data folder."""

import fcntl
import hashlib
import os
import time
from pathlib import Path

LEAVING = 12.0  # seconds that the processes of a killed predecessor need at most


class AlreadyRunning(Exception):
    """Somebody else has the folder; the message says who."""


def take(data_dir: Path) -> int:
    """Lock the folder for as long as the returned descriptor is open somewhere.

    Children inherit it, so that processes of a killed predecessor that still close
    their files are waited for. Raises AlreadyRunning.
    """
    lock = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LEAVING
    while not _locked(lock):
        owner = os.pread(lock, 20, 0).decode().strip()
        if _is_alive(owner) or time.monotonic() > deadline:
            os.close(lock)
            raise AlreadyRunning(
                f"Earshot already runs on {data_dir} (process {owner or 'unknown'})."
            )
        time.sleep(0.1)
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def is_taken(data_dir: Path) -> bool:
    """Whether somebody holds the folder now."""
    try:
        lock = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _locked(lock)
    finally:
        os.close(lock)


def take_name(data_dir: Path, name: str) -> int:
    """Be the only process called ``name``, until the returned descriptor is closed.

    Raises AlreadyRunning.
    """
    key = hashlib.sha256(name.encode()).hexdigest()[:16]
    lock = os.open(
        data_dir / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    deadline = time.monotonic() + LEAVING
    while not _locked(lock):
        if time.monotonic() > deadline:
            os.close(lock)
            raise AlreadyRunning(f"{name} already runs on {data_dir}.")
        time.sleep(0.1)
    return lock


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process: str) -> bool:
    return process.isdigit() and Path(f"/proc/{process}/stat").exists()
