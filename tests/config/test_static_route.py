"""The ASGI route for static files, spoken to in ASGI's own words."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from config.static_route import StaticRoute


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the pages"})


async def ask(path: str, method: str = "GET", **headers: str) -> Answer:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in headers.items()
        ],
    }
    await StaticRoute(elsewhere)(scope, None, send)
    plain = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], plain, sent[1]["body"])


@pytest.fixture(autouse=True)
def root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "static"
    (root / "css").mkdir(parents=True)
    (root / "css" / "base.css").write_text("body {}")
    (root / "css" / "base.0123456789ab.css").write_text("body {}")
    (tmp_path / "secret_key").write_text("secret")
    (root / "way-out").symlink_to(tmp_path / "secret_key")
    with override_settings(STATIC_ROOT=root, STATIC_URL="/static/"):
        yield root


async def test_it_leaves_other_addresses_to_the_pages() -> None:
    assert (await ask("/calls/")).body == b"the pages"


async def test_it_serves_a_file() -> None:
    answer = await ask("/static/css/base.css")
    assert (answer.status, answer.body) == (200, b"body {}")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-length"] == "7"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("LICENSE", "application/octet-stream"),
    ],
)
async def test_it_names_the_kind(root: Path, name: str, kind: str) -> None:
    (root / name).touch()
    assert (await ask(f"/static/{name}")).headers["content-type"] == kind


async def test_it_lets_hashed_names_be_kept_for_ever() -> None:
    answer = await ask("/static/css/base.0123456789ab.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_it_answers_head_without_a_body() -> None:
    answer = await ask("/static/css/base.css", "HEAD")
    assert (answer.status, answer.headers["content-length"]) == (200, "7")
    assert answer.body == b""


async def test_it_says_what_has_not_changed(root: Path) -> None:
    first = (await ask("/static/css/base.css")).headers
    etag, modified = first["etag"], first["last-modified"]
    for condition in (
        {"if_none_match": etag},
        {"if_none_match": f'"other", W/{etag}'},
        {"if_modified_since": modified},
    ):
        again = await ask("/static/css/base.css", **condition)
        assert (again.status, again.body) == (304, b"")
    time.sleep(0.01)
    (root / "css" / "base.css").write_text("body { margin: 0 }")
    assert (await ask("/static/css/base.css", if_none_match=etag)).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/css/none.css",
        "/static/css",
        "/static/",
        "/static/../secret_key",
        "/static/css/../../secret_key",
        "/static//etc/passwd",
        "/static/way-out",
        "/static/css/base.css\0",
        "/static/" + "a" * 5000,
    ],
)
async def test_it_serves_nothing_else(path: str) -> None:
    answer = await ask(path)
    assert (answer.status, answer.body) == (404, b"Not found\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_it_only_reads(method: str) -> None:
    answer = await ask("/static/css/base.css", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
