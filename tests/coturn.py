"""A TURN server that nobody here wrote: Debian's coturn, on this machine."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aioice.ice import get_host_addresses

from tests.services import free_port

BINDING = bytes.fromhex("000100002112a442") + bytes(12)  # RFC 8489, section 5
BARE = [
    "-n",
    "--no-tls",
    "--no-dtls",
    "--no-cli",
    "--no-tcp",
    "--fingerprint",
    "--log-file=stdout",
]
HERE = ["--listening-ip=127.0.0.1", "--realm=earshot.test", "--allow-loopback-peers"]


@asynccontextmanager
async def coturn(*login: str) -> AsyncIterator[str]:
    """Its address, HOST:PORT, by UDP. `login`: the options that say whom it serves."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: apt-get install coturn"
    port, (relay, *_) = free_port(), get_host_addresses(True, False)
    with tempfile.TemporaryDirectory(prefix="coturn-") as folder:
        files = [f"--pidfile={folder}/pid", f"--userdb={folder}/users"]
        where = [f"--listening-port={port}", f"--relay-ip={relay}", *files]
        process = await asyncio.create_subprocess_exec(
            *(program, *BARE, *HERE, *where, *login),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _answers(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            await process.wait()


async def _answers(port: int) -> None:
    """Wait until it answers who asks for an address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("127.0.0.1", port))
        asking.settimeout(0.1)
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(_answered, asking):
                await asyncio.sleep(0.05)


def _answered(asking: socket.socket) -> bool:
    try:
        asking.send(BINDING)
        return bool(asking.recv(1500))
    except OSError:  # not yet: refused, or too late
        return False
