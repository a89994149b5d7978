"""``manage.py fetch_model``: a model comes here, or the reason why not."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks.fixture_model import FIXTURE_MODEL
from tests.fake_hub import FakeHub
from transcription.speech.model import catalogue


@pytest.fixture
def hub(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[FakeHub]:
    settings.MODELS_DIR = tmp_path
    with FakeHub.of_folder(FIXTURE_MODEL).serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def fetch(name: str) -> str:
    out = StringIO()
    call_command("fetch_model", name, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_fetches_once(hub: FakeHub, tmp_path: Path) -> None:
    assert "acme/whisper is in" in fetch("acme/whisper")
    catalogue.validate_folder(tmp_path / "acme--whisper")
    hub.status = 503
    assert "acme/whisper is in" in fetch("acme/whisper")


def test_it_says_what_to_do_when_the_hub_is_away(hub: FakeHub) -> None:
    hub.status = 503
    with pytest.raises(CommandError, match="Try again"):
        fetch("acme/whisper")


def test_it_says_which_sizes_there_are(hub: FakeHub) -> None:
    with pytest.raises(CommandError, match="large-v3-turbo"):
        fetch("enormous")
