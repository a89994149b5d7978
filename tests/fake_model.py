"""A stand-in for a language model's server, with dials for what such servers do."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeModel:
    """Dials: `answer`, what the model says; `status`; `wait`, s until it begins;
    `drip`, s between two bytes; `body`, sent in place of a proper one; `headers`.
    What it was asked is in `asked`, with the headers in `got`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Any = ""
        self.status = 200
        self.wait = self.drip = 0.0
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.got: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.over = threading.Event()

    def says(self, **parts: Any) -> None:
        """Answer with the object that it is asked for."""
        self.answer = json.dumps(parts)

    def reply(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.answer}
        return json.dumps({"choices": [{"message": message}]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        model = self.server.model
        size = int(self.headers["Content-Length"])
        model.asked.append(json.loads(self.rfile.read(size)))
        model.got.append(dict(self.headers))
        model.paths.append(self.path)
        model.over.wait(model.wait)
        with suppress(OSError):  # who asked has gone
            self._send(model, model.reply())

    def _send(self, model: FakeModel, body: bytes) -> None:
        self.send_response(model.status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in model.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for at in range(0, len(body), 1 if model.drip else len(body) or 1):
            self.wfile.write(body[at : at + 1] if model.drip else body)
            if model.drip and model.over.wait(model.drip):
                return

    def log_message(self, *words: Any) -> None:
        """Tests have logs of their own."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    model: FakeModel

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # who asked has gone
            super().handle_error(request, client_address)


@contextmanager
def fake_model() -> Iterator[FakeModel]:
    """A server of this machine while the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    model = server.model = FakeModel(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
