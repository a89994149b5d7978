"""Names of models, and folders that are fit or not."""

import shutil
from pathlib import Path

import pytest

from transcription.speech import models
from transcription.speech.models import ModelError

DEMO_MODEL = Path(__file__).parents[3] / "transcription" / "demo_model" / "model"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(DEMO_MODEL, tmp_path / "model")


def test_it_takes_the_demo_model() -> None:
    assert models.validate_folder(DEMO_MODEL) == DEMO_MODEL


@pytest.mark.parametrize("name", models.NEEDED)
def test_it_names_the_file_that_a_folder_lacks(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"lacks {name}"):
        models.validate_folder(folder)


def test_it_refuses_an_empty_file(folder: Path) -> None:
    (folder / "model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"model\.bin is empty"):
        models.validate_folder(folder)


def test_it_refuses_a_file_that_is_no_json(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"half": ')
    with pytest.raises(ModelError, match="is not JSON"):
        models.validate_folder(folder)


def test_it_refuses_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a folder"):
        models.validate_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "device", "resolved"),
    [
        ("base.en", "auto", "base.en"),
        ("/srv/models/ours", "auto", "/srv/models/ours"),
    ],
)
def test_it_resolves_what_was_asked_for(name: str, device: str, resolved: str) -> None:
    assert models.resolve(name, device) == resolved


def test_it_knows_the_repositories_of_the_sizes() -> None:
    assert models.repository("small") == "Systran/faster-whisper-small"
    assert models.repository("acme/whisper") == "acme/whisper"


@pytest.mark.parametrize("name", ["smal", "a/b/c", "/small", ""])
def test_it_refuses_a_name_that_means_nothing(name: str) -> None:
    with pytest.raises(ModelError, match="There is no Whisper called"):
        models.repository(name)
