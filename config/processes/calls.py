"""The process that holds calls: rooms, the model, captions, and the model's jobs."""

import os
import threading
from importlib import import_module
from typing import Any

from config.env import Environment
from config.http import addresses
from config.http.web import node, serve
from config.processes import data_lock, workers
from meetings import jobs
from meetings.rooms import call_server
from transcription.live import live_captions as captions
from transcription.serving import recorded_model, server

LAST_LINES = 2.0  # seconds for the last lines to become rows
JOB_SECONDS = 2.0  # for the job of a stopped model to go back into the queue


class Calls:
    """The rooms."""

    def __init__(self, name: str, app: Any) -> None:
        self._name, self._app = name, app

    def start(self) -> None:
        """Repair, then take calls."""
        call_server.start(self._name, self._app)

    def stop(self) -> None:
        """Close the recordings."""
        call_server.stop()


class ModelAndJobs:
    """The model, and the thread that takes its jobs."""

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def start(self) -> None:
        """Load it in the background."""
        server.here().start()
        recorded_model.here().start()
        workers.work_in_thread("transcription", self._stopping)

    def stop(self) -> None:
        """Say the last words; the job at work goes back into the queue."""
        self._stopping.set()
        jobs.stop()
        recorded_model.here().stop()
        server.here().stop()
        captions.current().stop(LAST_LINES)
        jobs.wait(JOB_SECONDS)


class HeldRooms:
    """The right to the rooms, kept until the last line about them is written."""

    def start(self) -> None:
        """Each room is taken when somebody joins."""

    def stop(self) -> None:
        """Others may have them."""
        call_server.let_go()


def prepare() -> None:
    """Import what ``run`` needs, which takes longer than all the rest of a start."""
    import_module("config.asgi")
    import_module("config.http.bounded")


def run(env: Environment) -> None:
    """Until SIGTERM. Raises PortTaken, AlreadyRunning."""
    from config.asgi import calls

    address = addresses.calls(env)
    name = node(address)
    # Rooms of a name go to its next bearer: the one before must be gone.
    alone = data_lock.take_name(env.data_dir, name)
    try:
        parts = (Calls(name, calls), ModelAndJobs(), HeldRooms())
        serve(calls, address, env, *parts)
    finally:
        os.close(alone)
