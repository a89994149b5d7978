"""SIGTERM and Ctrl-C, noted without a lock.

A handler runs between any two steps of the main thread: setting a threading.Event there
waits for a lock that this very thread may hold. Writing a byte into a pipe does not.
"""

import os
import select
import signal
from collections.abc import Sequence
from contextlib import suppress

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Whether somebody asked this process to end; made in the main thread."""

    def __init__(self, signals: Sequence[signal.Signals] = SIGNALS) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        for number in signals:
            signal.signal(number, lambda *_: self._note())

    def _note(self) -> None:
        with suppress(BlockingIOError):  # thousands of signals: the first one counts
            os.write(self._write, b"x")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is asked for, or for so long; whether it is. Any thread."""
        readable, _, _ = select.select([self._read], [], [], seconds)
        return bool(readable)  # never read: once asked, always asked

    def is_set(self) -> bool:
        """Whether it was asked for."""
        return self.wait(0)
