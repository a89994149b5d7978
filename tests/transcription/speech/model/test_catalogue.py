"""Names of models, and folders that are fit or not."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from transcription.speech.model import catalogue
from transcription.speech.model.catalogue import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FIXTURE_MODEL, tmp_path / "model")


def test_it_takes_the_fixture() -> None:
    assert catalogue.validate_folder(FIXTURE_MODEL) == FIXTURE_MODEL


@pytest.mark.parametrize("name", catalogue.NEEDED)
def test_it_names_the_file_that_a_folder_lacks(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"lacks {name}"):
        catalogue.validate_folder(folder)


def test_it_refuses_an_empty_file(folder: Path) -> None:
    (folder / "model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"model\.bin is empty"):
        catalogue.validate_folder(folder)


def test_it_refuses_a_file_that_is_no_json(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"half": ')
    with pytest.raises(ModelError, match="is not JSON"):
        catalogue.validate_folder(folder)


def test_it_refuses_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a folder"):
        catalogue.validate_folder(tmp_path / "nowhere")


def test_it_takes_older_conversions(folder: Path) -> None:
    """Without the preprocessor's sizes, and with a list of words in plain text."""
    words = json.loads((folder / "vocabulary.json").read_text())
    (folder / "vocabulary.json").unlink()
    with pytest.raises(ModelError, match=r"lacks vocabulary\.json"):
        catalogue.validate_folder(folder)
    (folder / "vocabulary.txt").write_text("\n".join(words))
    (folder / "preprocessor_config.json").unlink()
    assert catalogue.validate_folder(folder) == folder


def test_it_knows_the_repositories_of_the_sizes() -> None:
    assert catalogue.repository("small") == "Systran/faster-whisper-small"
    assert catalogue.repository("acme/whisper") == "acme/whisper"


@pytest.mark.parametrize("name", ["smal", "a/b/c", "/small", ""])
def test_it_refuses_a_name_that_means_nothing(name: str) -> None:
    with pytest.raises(ModelError, match="There is no Whisper called"):
        catalogue.repository(name)
