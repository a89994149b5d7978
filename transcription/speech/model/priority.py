"""Computing that gives way: threads that the kernel lets run when nobody else wants to.

Only for threads that run no Python: one that holds the interpreter's lock and waits for
a core makes everybody wait who needs that lock.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

LAST = 19  # the lowest priority that there is: 1.5 % of a core that others want

Built = TypeVar("Built")


def behind_others(build: Callable[[], Built]) -> Built:
    """What ``build`` makes; threads that it begins run behind all others, for good.

    Linux gives each thread the priority of the one that begins it, and lets nobody
    take it back: so a thread is begun for this. Elsewhere nothing changes.
    """
    built: list[Built] = []
    failed: list[BaseException] = []

    def run() -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
        try:
            built.append(build())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="begins-behind-others", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return built[0]
