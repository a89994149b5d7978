"""/livez and /readyz, part by part."""

from collections.abc import Iterator

import pytest
from django.test import Client

from config import health


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Calls and the model as they are in a started web process."""
    monkeypatch.setattr("meetings.live.status", lambda: {"ok": True})
    monkeypatch.setattr("transcription.serving.status", lambda: {"ready": True})
    yield
    health.draining.clear()


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
    assert answer.json()["model"] == "loading"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"ready": False, "problem": "", "fetched": 0.5}, "no captions"),
        ({"ready": False, "problem": "no disk", "fetched": None}, "no captions"),
        ({"ready": False, "problem": "", "fetched": None}, "loading"),
    ],
)
def test_it_records_calls_without_a_model(
    client: Client,
    healthy: None,
    monkeypatch: pytest.MonkeyPatch,
    status: dict[str, object],
    state: str,
) -> None:
    monkeypatch.setattr("transcription.serving.status", lambda: status)
    answer = client.get("/readyz")
    assert answer.json()["model"] == state
    assert (answer.status_code == 200) == (state == "no captions")


def test_it_takes_no_new_calls_while_it_stops(client: Client, healthy: None) -> None:
    health.draining.set()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["calls"]) == (503, "stopping")


def test_it_tells_no_reasons_to_strangers(
    client: Client, healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise ConnectionError("redis://user:password@10.1.2.3 is away")

    monkeypatch.setitem(health.CHECKS, "redis", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, "failed")
    assert b"10.1.2.3" not in answer.content


def test_it_is_not_ready_when_a_thread_of_the_engine_is_gone(
    client: Client, healthy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = {"ready": True, "fallen": ["whisper-0"]}
    monkeypatch.setattr("transcription.serving.status", lambda: status)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["model"]) == (503, "failed")
