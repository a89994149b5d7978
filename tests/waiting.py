"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

PATIENCE = 20.0  # seconds, on a machine that runs other tests, too


def wait_until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once ``true`` is; fails when it takes longer."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
