"""What a refusal leaves in the log."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from config.asgi import application


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


urlpatterns = [
    path("refuse", refuse),
    path("fail", fail),
    path("", include("config.urls")),
]


@contextmanager
def log() -> Iterator[io.StringIO]:
    """The log as configured, written into memory."""
    written = io.StringIO()
    (handler,) = (one for one in logging.getLogger().handlers if one.name == "console")
    assert isinstance(handler, logging.StreamHandler)
    stream = handler.setStream(written)
    try:
        yield written
    finally:
        if stream is not None:
            handler.setStream(stream)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@override_settings(ROOT_URLCONF="tests.config.test_logs")
@pytest.mark.parametrize(
    ("host", "status", "line"),
    [
        ("localhost", 403, "Forbidden (Permission denied): /refuse"),
        ("evil.example", 400, "Invalid HTTP_HOST header: 'evil.example'"),
    ],
)
def test_a_refusal_is_a_line(
    visitor: Client, host: str, status: int, line: str
) -> None:
    with log() as written:
        answer = visitor.get("/refuse", headers={"Host": host})
    assert answer.status_code == status
    assert line in written.getvalue()
    assert len(written.getvalue().splitlines()) == 1


@override_settings(ROOT_URLCONF="tests.config.test_logs")
def test_a_fault_keeps_its_traceback(visitor: Client) -> None:
    with log() as written:
        assert visitor.get("/fail").status_code == 500
    assert "RuntimeError: a fault of ours" in written.getvalue()
    assert "Traceback" in written.getvalue()


@pytest.mark.django_db(transaction=True)
async def test_a_websocket_to_nowhere_is_refused() -> None:
    headers = [(b"origin", settings.PUBLIC_URL.encode())]
    socket = WebsocketCommunicator(application, "/ws/nothing/", headers)
    connected, _ = await socket.connect()
    assert not connected
