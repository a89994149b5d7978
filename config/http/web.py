"""A web process: Daphne on its address, and beside it what the process is for."""

import os
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from django.db import connections

from config.env import Environment
from config.health import views as health
from config.http.addresses import Address
from config.processes import ports
from config.processes.stopping import Stop

log = structlog.get_logger(__name__)

# A busy thread delays the event loop by 17 ms (p95) with Python's 5 ms, by 5 with this.
SWITCH_INTERVAL = 0.0005  # seconds
POOL = 24  # connections of this process at most; each thread at work has one
LAST_SECONDS = 8.0  # from SIGTERM to the end, whatever still hangs


class Part(Protocol):
    """Something that runs beside Daphne."""

    def start(self) -> None:
        """Before the first request."""

    def stop(self) -> None:
        """After the last one was taken."""


def serve(application: Any, address: Address, env: Environment, *parts: Part) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises PortTaken before anything is started."""
    endpoint = _endpoint(address)
    _keep_connections()
    sys.setswitchinterval(SWITCH_INTERVAL)
    asked = Stop()
    for part in parts:
        part.start()
    server = _daphne(application, endpoint, env)
    thread("closing", _close, asked, server, parts)
    server.run()


def _keep_connections() -> None:
    """PostgreSQL's are lent from a pool: each look at a right would make a new one."""
    database = connections.settings["default"]
    if "postgresql" in database["ENGINE"]:
        pool = {"min_size": 1, "max_size": POOL, "timeout": 10}
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}


def node(address: Address) -> str:
    """Name of the process that listens there: no other one on earth has it now."""
    return f"{socket.gethostname()}:{address}".replace(" ", "-")


def _endpoint(address: Address) -> str:
    if not address.path:
        ports.require_free(address.host, address.port)
        host = address.host.replace(":", r"\:")
        return f"tcp:port={address.port}:interface={host}"
    ports.require_free_socket(address.path)
    path = str(address.path).replace(":", r"\:")
    return f"unix:{path}:mode=600:lockfile=0"


def _daphne(application: Any, endpoint: str, env: Environment) -> Any:
    # Importing Daphne's server installs Twisted's reactor: not for other commands.
    from config.http.bounded import Server

    behind = env.front != "none"  # our own front says who asks, and by which scheme
    return Server(
        application=application,
        endpoints=[endpoint],
        signal_handlers=False,
        server_name="earshot",
        proxy_forwarded_address_header="X-Forwarded-For" if behind else None,
        proxy_forwarded_proto_header="X-Forwarded-Proto" if behind else None,
    )


def _close(asked: Stop, server: Any, parts: Sequence[Part]) -> None:
    """Refuse new requests, stop the parts as they were started, end Daphne."""
    from twisted.internet import reactor

    asked.wait()
    end = threading.Timer(LAST_SECONDS, os._exit, [1])
    end.daemon = True
    end.start()
    health.draining.set()
    reactor.callFromThread(_stop_listening, server)
    for part in parts:
        try:
            part.stop()
        except Exception:
            log.exception("not stopped in order", part=type(part).__name__)
    reactor.callFromThread(server.stop)


def _stop_listening(server: Any) -> None:
    for listener in server.listeners:
        listener.addCallback(lambda port: port.stopListening())


def thread(name: str, target: Any, *arguments: Any) -> None:
    """A thread that does not keep the process alive."""
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()
