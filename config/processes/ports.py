"""Whether an address is free to listen on."""

import errno
import socket
from pathlib import Path


class PortTaken(Exception):
    """Nobody can listen there; the message says why and what to do."""


def require_free(host: str, port: int) -> None:
    """Raises PortTaken when ``host``:``port`` cannot be listened on."""
    try:
        family, kind, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror:
        raise PortTaken(f"HOST {host} is no address of this machine.") from None
    except OSError as error:
        raise PortTaken(_reason(error, host, port)) from None


def is_free_for_datagrams(port: int) -> bool:
    """Whether somebody could take this UDP port of all addresses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def require_free_socket(path: Path) -> None:
    """Clear away what a killed process left. Raises PortTaken when one listens."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            path.unlink(missing_ok=True)
            return
        except OSError:  # it listens, and takes nobody: frozen, or flooded
            pass
    raise PortTaken(f"Another process listens on {path}.")


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Choose another one: make run PORT={port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs root. Choose one above 1023: make run PORT=8000"
    return f"{host}:{port} cannot be listened on ({error.strerror})."
