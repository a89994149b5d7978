"""A model's server may be slow, broken or hostile."""

import time

import pytest

from dashboard.llm.server import LanguageModel, ModelFailed
from tests.fake_model import FakeModel
from tests.services import free_port


def server(model: FakeModel, seconds: float = 5.0) -> LanguageModel:
    return LanguageModel(model.url, "tiny-1", "sk-very-secret", seconds)


def why(asked: LanguageModel) -> str:
    with pytest.raises(ModelFailed) as told:
        asked.ask("Be brief.", "Hello")
    assert told.value.__cause__ is None
    return str(told.value)


def test_it_asks_as_the_api_wants_it(model: FakeModel) -> None:
    model.answer = "Good day"
    assert server(model).ask("Be brief.", "Hello") == "Good day"
    (asked,), (got,) = model.asked, model.got
    assert model.paths == ["/v1/chat/completions"]
    assert asked["model"] == "tiny-1"
    assert [one["content"] for one in asked["messages"]] == ["Be brief.", "Hello"]
    assert got["Authorization"] == "Bearer sk-very-secret"


def test_one_that_says_nothing_has_its_time_and_no_more(model: FakeModel) -> None:
    model.wait = 30
    started = time.monotonic()
    assert "too long" in why(server(model, seconds=0.5))
    assert time.monotonic() - started < 5


def test_one_that_sends_a_byte_now_and_then_has_no_more_either(
    model: FakeModel,
) -> None:
    model.drip = 0.2
    started = time.monotonic()
    assert "too long" in why(server(model, seconds=1.0))
    assert time.monotonic() - started < 5


def test_ten_megabytes_are_not_read(model: FakeModel) -> None:
    model.body = b"x" * 10_000_000
    assert "more than can be read" in why(server(model))


@pytest.mark.parametrize(
    ("status", "word"),
    [(500, "error (500)"), (503, "error (503)"), (401, "its key"), (429, "busy")],
)
def test_it_says_what_was_refused(model: FakeModel, status: int, word: str) -> None:
    model.status = status
    assert word in why(server(model))


def test_it_follows_no_redirect(model: FakeModel) -> None:
    model.status, model.headers = 307, {"Location": f"{model.url}/elsewhere"}
    assert "refused" in why(server(model))
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": {"text": 1}}}]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_nonsense_is_called_so(model: FakeModel, body: bytes) -> None:
    model.body = body
    assert "in the form" in why(server(model))


def test_one_that_is_away_is_called_so() -> None:
    away = LanguageModel(f"http://127.0.0.1:{free_port()}/v1", "tiny-1")
    assert "could not be reached" in why(away)


def test_the_key_is_in_no_text(
    model: FakeModel, caplog: pytest.LogCaptureFixture
) -> None:
    model.status = 401
    bad = LanguageModel(model.url, "tiny-1", "sk-secret\r\nX-Evil: 1", 2.0)
    told = why(server(model)) + why(bad) + repr(server(model)) + caplog.text
    assert "secret" not in told
    assert server(model).host == model.url.split("/")[2]
