"""Where the processes of an installation listen, and how they are reached."""

from dataclasses import dataclass
from pathlib import Path

from config.env import Environment
from config.processes.unix_sockets import path_for


@dataclass(frozen=True)
class Address:
    """A socket in the data folder, or a host and a port."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    @classmethod
    def of(cls, bind: str) -> "Address":
        """``host:port``."""
        host, _, port = bind.rpartition(":")
        return cls(host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        return str(self.path) if self.path else f"{self.host}:{self.port}"


def pages(env: Environment) -> Address:
    """Of the process that answers with pages."""
    return _address(env, "pages", env.pages_bind, env.port)


def calls(env: Environment) -> Address:
    """Of the process that holds calls."""
    return _address(env, "calls", env.calls_bind, env.port + 1)


def _address(env: Environment, name: str, bind: str, port: int) -> Address:
    if bind:
        return Address.of(bind)
    if env.front == "none":
        return Address(host=env.host, port=port)
    return Address(path_for(env.data_dir, name))
