"""The web process: Daphne, and beside it the calls, the model and its jobs."""

import os
import sys
import threading
from typing import Any

import structlog
from django.db import close_old_connections

from config import health, ports, workers
from config.stopping import Stop
from meetings import jobs, live, retention, uploads
from transcription import serving

log = structlog.get_logger(__name__)

# A busy thread delays the event loop by 17 ms (p95) with Python's 5 ms, by 5 with this.
SWITCH_INTERVAL = 0.0005  # seconds
RECONCILE_INTERVAL = 15.0  # seconds
LAST_SECONDS = 8.0  # from SIGTERM to the end, whatever still hangs


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises PortTaken before anything is started."""
    ports.require_free(host, port)
    sys.setswitchinterval(SWITCH_INTERVAL)
    asked, stopping = Stop(), threading.Event()
    live.start()
    serving.start()
    workers.work_in_thread("transcription", stopping)
    _thread("reconciler", reconcile, stopping)
    server = _daphne(host, port)
    _thread("closing", _close, asked, stopping, server)
    server.run()


def _daphne(host: str, port: int) -> Any:
    # Importing Daphne's server installs Twisted's reactor: not for other commands.
    from daphne.endpoints import build_endpoint_description_strings

    from config.asgi import application
    from config.bounded import Server

    return Server(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        signal_handlers=False,
        server_name="earshot",
    )


def reconcile(stopping: threading.Event) -> None:
    """Now and then: queue again what lost its runner, delete what was kept its time."""
    while True:
        for task in (jobs.reconcile, retention.expire, uploads.sweep):
            try:
                task()
            except Exception:  # the others are due all the same
                log.exception("not looked after", task=task.__qualname__)
        close_old_connections()
        if stopping.wait(RECONCILE_INTERVAL):
            return


def _close(asked: Stop, stopping: threading.Event, server: Any) -> None:
    """Refuse new calls, close the recordings, say the last words, end Daphne."""
    from twisted.internet import reactor

    asked.wait()
    stopping.set()
    end = threading.Timer(LAST_SECONDS, os._exit, [1])
    end.daemon = True
    end.start()
    health.draining.set()
    reactor.callFromThread(_stop_listening, server)
    for part in (live, serving):
        try:
            part.stop()
        except Exception:
            log.exception("not stopped in order", part=part.__name__)
    reactor.callFromThread(server.stop)


def _stop_listening(server: Any) -> None:
    for listener in server.listeners:
        listener.addCallback(lambda port: port.stopListening())


def _thread(name: str, target: Any, *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()
