import pytest
from django.conf import settings

from transcription import serving
from transcription.speech import models
from transcription.speech.engine import Engine


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> serving.Serving:
    """The demo model serves in place of small; the engine is not started."""
    engine = Engine(serving.DEMO_MODEL)
    serves = serving.Serving(engine, model=serving.DEMO, wanted="small")
    monkeypatch.setattr(serving, "_now", serves)
    return serves


def test_it_says_nothing_when_the_chosen_model_serves(now: serving.Serving) -> None:
    now.model = "small"
    assert serving.banner() == ""


def test_it_names_the_command_that_gets_the_model(now: serving.Serving) -> None:
    assert "manage.py fetch_model small" in serving.banner()


def test_it_shows_how_far_the_fetch_is(now: serving.Serving) -> None:
    now.fetched = 0.52
    assert "Fetching small: 52%." in serving.banner()


def test_a_chosen_demo_model_asks_for_nothing(now: serving.Serving) -> None:
    now.wanted = serving.DEMO
    assert "fetch" not in serving.banner()


def test_auto_is_measured_once_and_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "WHISPER_MODEL", "auto")
    monkeypatch.setattr(settings, "WHISPER_DEVICE", "cpu")
    monkeypatch.setattr(serving, "_configured", lambda: "")
    measured = iter(["base", "tiny"])
    monkeypatch.setattr(models, "resolve", lambda *_: next(measured))
    note = settings.MODELS_DIR / "auto-cpu"
    note.unlink(missing_ok=True)
    assert [serving.wanted_model(), serving.wanted_model()] == ["base", "base"]
    note.unlink()
