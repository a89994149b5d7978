"""A model from a hub: whole, resumed, or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from tests.fake_hub import FakeHub
from transcription.speech.engine.batching import Costs
from transcription.speech.model import catalogue, loading
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.loading import Device

MODEL = "acme/whisper"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    # the client keeps whole pieces of 10 MB; the fixture is hardly larger
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 2**20)
    with FakeHub.of_folder(FIXTURE_MODEL).serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def test_it_fetches_a_model_that_serves(hub: FakeHub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = catalogue.fetch(MODEL, tmp_path / "tiny", lambda *now: told.append(now))
    assert catalogue.validate_folder(folder) == tmp_path / "tiny"
    assert {file.name for file in folder.iterdir()} == set(hub.files)
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]
    total = sum(map(len, hub.files.values()))
    assert told[-1] == (total, total)
    assert told == sorted(told)


def test_it_goes_on_where_a_transfer_was_cut_off(hub: FakeHub, tmp_path: Path) -> None:
    hub.cut = 1
    folder = catalogue.fetch(MODEL, tmp_path / "tiny")
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]
    assert hub.ranges


def test_it_leaves_no_half_model_when_the_hub_goes_away(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.status = 503
    with pytest.raises(ModelError, match="goes on where it stopped"):
        catalogue.fetch(MODEL, tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()


def test_it_refuses_a_damaged_file_and_fetches_it_anew(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.damaged = True
    with pytest.raises(ModelError, match=r"model\.bin came in damaged"):
        catalogue.fetch(MODEL, tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()
    hub.damaged = False
    folder = catalogue.fetch(MODEL, tmp_path / "tiny")
    assert (folder / "model.bin").read_bytes() == hub.files["model.bin"]


def test_it_replaces_an_old_model_only_by_a_whole_one(
    hub: FakeHub, tmp_path: Path
) -> None:
    target = tmp_path / "tiny"
    target.mkdir()
    (target / "config.json").write_text("{}")
    hub.damaged = True
    with pytest.raises(ModelError):
        catalogue.fetch(MODEL, target)
    assert (target / "config.json").read_text() == "{}"
    hub.damaged = False
    catalogue.fetch(MODEL, target)
    catalogue.validate_folder(target)


def test_it_takes_an_older_repository_as_it_is(hub: FakeHub, tmp_path: Path) -> None:
    """As those of before large-v3: no preprocessor's sizes, words in plain text."""
    del hub.files["preprocessor_config.json"]
    words = json.loads(hub.files.pop("vocabulary.json"))
    hub.files["vocabulary.txt"] = "\n".join(words).encode()
    folder = catalogue.fetch(MODEL, tmp_path / "tiny")
    assert sorted(file.name for file in folder.iterdir()) == sorted(hub.files)
    assert loading.load(folder, Device("cpu", cpu_threads=1), Costs()).bank.mels == 80


def test_it_says_when_the_hub_has_no_such_model(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no acme/nothing"):
        catalogue.fetch("acme/nothing", tmp_path / "tiny")


def test_it_says_what_a_repository_without_a_model_is(
    hub: FakeHub, tmp_path: Path
) -> None:
    del hub.files["model.bin"]
    with pytest.raises(ModelError, match=r"holds no model\.bin"):
        catalogue.fetch(MODEL, tmp_path / "tiny")


def test_it_names_the_address_when_nobody_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"http://127\.0\.0\.1:9"):
        catalogue.fetch(MODEL, tmp_path / "tiny")
