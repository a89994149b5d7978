import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from transcription import languages, serving
from transcription.models import Configuration
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


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(languages, "_now", languages.Snapshot())
    monkeypatch.setattr(serving, "_now", serving.Serving())
    monkeypatch.setattr(settings, "WHISPER_DEVICE", "cpu")
    Configuration.now()
    yield
    serving.stop()


def within(seconds: float, true: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.mark.django_db(transaction=True)
def test_a_broken_model_leaves_its_place_to_the_demo_and_to_the_next_choice(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = shutil.copytree(serving.DEMO_MODEL, tmp_path / "broken")
    (broken / "model.bin").write_bytes(b"cut off")
    whole = shutil.copytree(serving.DEMO_MODEL, tmp_path / "whole")
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(broken))
    serving.start()
    assert within(20, lambda: serving.status()["demo"] and serving.status()["ready"])
    assert "cannot be loaded" in serving.status()["problem"]

    row = Configuration.now()
    row.model = str(whole)
    row.save()
    Configuration.publish()
    assert within(20, lambda: serving.status()["model"] == str(whole))
    assert serving.status()["problem"] == ""


@pytest.mark.django_db(transaction=True)
def test_a_model_that_comes_late_does_not_replace_a_later_choice(fresh: None) -> None:
    serving._now.wanted = serving.DEMO
    serving.take_over("small", Path("nowhere"))  # ModelError if it were loaded
    assert serving._now.model == ""


def test_it_says_that_another_model_could_not_be_had(now: serving.Serving) -> None:
    now.model, now.problem = "base", "/srv/models/small lacks model.bin"
    told = "base goes on writing the captions: small could not be loaded."
    assert serving.banner() == f"{told} The log says why."


def test_a_folder_that_is_called_like_a_size_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what lies in it would be replaced by a model that is fetched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    assert serving.folder_for("base") == settings.MODELS_DIR / "base"
    shutil.copytree(serving.DEMO_MODEL, tmp_path / "mine")
    assert serving.folder_for("mine") == Path("mine")
    assert serving.folder_for("./base") == Path("base")
