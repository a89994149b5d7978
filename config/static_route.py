"""Static files on the ASGI path, for servers that stand without a proxy."""

import asyncio
import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from django.conf import settings

# ManifestStaticFilesStorage puts 12 hexadecimal digits before the extension.
HASHED = re.compile(r"\.[0-9a-f]{12}\.[^/]+$")
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class StaticFile:
    path: Path
    size: int  # bytes
    modified: float  # seconds since 1970

    @property
    def etag(self) -> str:
        return f'"{int(self.modified * 1e6):x}-{self.size:x}"'

    @property
    def headers(self) -> dict[str, str]:
        plain = guess_type(self.path.name)[0] or "application/octet-stream"
        return {
            "Content-Type": TYPES.get(self.path.suffix, plain),
            "Cache-Control": FOR_EVER if HASHED.search(self.path.name) else "no-cache",
            "ETag": self.etag,
            "Last-Modified": formatdate(self.modified, usegmt=True),
            "X-Content-Type-Options": "nosniff",
        }


class StaticRoute:
    """Serves STATIC_ROOT below STATIC_URL; everything else goes to ``app``."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope["path"].startswith(settings.STATIC_URL):
            await self.app(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, {"Allow": "GET, HEAD"})
        else:
            await _serve(scope, send)


async def _serve(scope: Any, send: Any) -> None:
    name = scope["path"].removeprefix(settings.STATIC_URL)
    file = await asyncio.to_thread(find, Path(settings.STATIC_ROOT), name)
    if file is None:
        await _answer(send, 404, {"Content-Type": "text/plain"}, b"Not found\n")
    elif _has_already(scope, file):
        await _answer(send, 304, file.headers)
    else:
        headers = {**file.headers, "Content-Length": str(file.size)}
        wanted = scope["method"] == "GET"
        body = await asyncio.to_thread(file.path.read_bytes) if wanted else b""
        await _answer(send, 200, headers, body)


def find(root: Path, name: str) -> StaticFile | None:
    """The file ``name`` inside ``root``; None when there is none, or it is outside."""
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()) or not path.is_file():
            return None
        stat = path.stat()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return None
    return StaticFile(path, stat.st_size, stat.st_mtime)


def _has_already(scope: Any, file: StaticFile) -> bool:
    sent = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
    tags = sent.get(b"if-none-match")
    if tags is not None:
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return file.etag in known or "*" in known
    try:
        since = parsedate_to_datetime(sent[b"if-modified-since"]).timestamp()
    except (KeyError, ValueError):
        return False
    return int(file.modified) <= since


async def _answer(
    send: Any, status: int, headers: dict[str, str], body: bytes = b""
) -> None:
    pairs = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
