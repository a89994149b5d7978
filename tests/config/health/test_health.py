"""/livez and /readyz, part by part."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from config.health import views
from meetings.rooms import nodes
from meetings.valkey import client as valkey
from meetings.valkey import key
from tests.waiting import wait_until

READY = {"ready": True, "problem": "", "fetched": None, "fallen": []}
Say = Callable[[dict[str, object]], None]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, db: None) -> Say:
    """A call process reports, with this state of its model."""

    def report(model: dict[str, object]) -> None:
        monkeypatch.setitem(nodes.parts, "calls", lambda: {"ok": True})
        monkeypatch.setitem(nodes.parts, "model", lambda: model)
        nodes.report("one")
        nodes.known.forget()

    return report


@pytest.fixture
def healthy(say: Say) -> Iterator[None]:
    """A call process with a model is there."""
    say(READY)
    yield
    views.draining.clear()


def test_it_lives_while_it_answers(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_it_is_ready_when_every_part_is(client: Client, healthy: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "redis": "ok",
        "calls": "ok",
        "model": "ok",
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_is_not_ready_before_anything_is_started(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["calls"] == "not started"
    assert answer.json()["model"] == "not started"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"fetched": 0.5}, "no captions"),
        ({"problem": "no disk"}, "no captions"),
        ({}, "loading"),
    ],
)
def test_it_records_calls_without_a_model(
    client: Client, say: Say, status: dict[str, object], state: str
) -> None:
    say({**READY, "ready": False, **status})
    answer = client.get("/readyz")
    assert answer.json()["model"] == state
    assert (answer.status_code == 200) == (state == "no captions")


def test_it_takes_no_new_calls_while_it_stops(client: Client, healthy: None) -> None:
    views.draining.set()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["calls"]) == (503, "stopping")


def test_it_tells_no_reasons_to_strangers(
    client: Client, healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise ConnectionError("redis://user:password@10.1.2.3 is away")

    monkeypatch.setitem(views.CHECKS, "redis", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, "failed")
    assert b"10.1.2.3" not in answer.content


def test_it_is_not_ready_when_a_thread_of_the_engine_is_gone(
    client: Client, say: Say
) -> None:
    say({**READY, "fallen": ["whisper-0"]})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["model"]) == (503, "failed")


def test_a_process_that_is_silent_is_gone(
    client: Client, healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "FRESH", 0.05)
    nodes.report("one")
    wait_until(lambda: not valkey().exists(key("node", "one")))
    nodes.known.forget()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["calls"]) == (503, "not started")
    assert valkey().smembers(key("nodes")) == set()


def test_one_of_two_that_can_take_calls_is_enough(
    client: Client, healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(nodes.parts, "calls", lambda: {"ok": False})
    nodes.report("another")
    nodes.known.forget()
    assert client.get("/readyz").status_code == 200
