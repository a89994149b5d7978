"""What a process that works for us says, line by line."""

import threading
from collections.abc import Iterator
from typing import Any


def lines_of(child: Any, stalled_s: float) -> Iterator[str]:
    """Until it ends, or says nothing for so many seconds and is ended.

    `child`: a subprocess.Popen of text with its output as a pipe.
    """
    while True:
        stuck = threading.Timer(stalled_s, child.kill)
        stuck.daemon = True
        stuck.start()
        try:
            line = child.stdout.readline()
        finally:
            stuck.cancel()
        if not line:
            return
        yield line
