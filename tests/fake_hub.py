"""A local stand-in for the model hub: whole, broken, cut off, closed.

It speaks what huggingface_hub asks of it: the repository's listing with sizes, and
files by HEAD and GET with ETag, commit and Range.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from transcription.speech.model.selftest import NOTE

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """The dials. ``cut`` ends that many transfers of model.bin in the middle."""

    files: dict[str, bytes]
    repository: str = "acme/whisper"
    cut: int = 0
    damaged: bool = False  # model.bin has one wrong byte
    status: int = 200  # of every answer
    address: str = ""
    ranges: list[str] = field(default_factory=list)  # that were asked for

    @classmethod
    def of_folder(cls, folder: Path) -> "FakeHub":
        """Of the files of a conversion, not of what was measured of it here."""
        files = (file for file in folder.iterdir() if file.name != NOTE)
        return cls({file.name: file.read_bytes() for file in files})

    def listing(self) -> bytes:
        siblings = [
            {
                "rfilename": name,
                "size": len(content),
                "lfs": {
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "pointerSize": 134,
                },
            }
            for name, content in self.files.items()
        ]
        answer = {"id": self.repository, "sha": COMMIT, "siblings": siblings}
        return json.dumps(answer).encode()

    def sent(self, name: str) -> bytes:
        content = self.files[name]
        if self.damaged and name == "model.bin":
            return content[:-1] + bytes([content[-1] ^ 1])
        return content

    @contextmanager
    def serve(self) -> Iterator["FakeHub"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def handler_of(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def log_message(self, *args: object) -> None:
            pass

        def answer(self, body: bool) -> None:
            if hub.status != 200:
                self.reply(hub.status, b"")
            elif self.path.startswith(f"/api/models/{hub.repository}"):
                self.reply(200, hub.listing() if body else b"")
            elif self.path.startswith(f"/{hub.repository}/resolve/"):
                self.file(self.path.rsplit("/", 1)[1].split("?")[0], body)
            else:
                self.reply(404, b"", {"X-Error-Code": "RepoNotFound"})

        def file(self, name: str, body: bool) -> None:
            content = hub.sent(name)
            start = self.start_of_range()
            headers = {
                "ETag": f'"{hashlib.sha256(hub.files[name]).hexdigest()}"',
                "X-Repo-Commit": COMMIT,
                "Accept-Ranges": "bytes",
            }
            if start:
                span = f"bytes {start}-{len(content) - 1}/{len(content)}"
                headers["Content-Range"] = span
            cut = body and name == "model.bin" and hub.cut > 0
            hub.cut -= cut
            self.reply(206 if start else 200, content[start:], headers, body, cut)

        def start_of_range(self) -> int:
            asked = self.headers.get("Range", "")
            if asked:
                hub.ranges.append(asked)
            return int(asked.removeprefix("bytes=").split("-")[0] or 0) if asked else 0

        def reply(
            self,
            status: int,
            content: bytes,
            headers: dict[str, str] | None = None,
            body: bool = True,
            cut: bool = False,
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content[: len(content) // 2] if cut else content)
            self.close_connection = self.close_connection or cut

    return Handler
