"""The shortest window of a model, by models that loop below a length of their own."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from transcription.speech.audio.features import BUCKETS, MelBank
from transcription.speech.model import selftest
from transcription.speech.model.windows import Decoded, Window


@dataclass
class Reader:
    """Writes the same for every window; in short ones it does not stop."""

    reads: int  # frames from which it stops by itself
    bank: MelBank = field(default_factory=lambda: MelBank(80))
    asked: int = 0

    def write(self, window: Window) -> Decoded:
        self.asked += 1
        times = 1 if window.mel.shape[1] >= self.reads else 12
        return Decoded("And so my fellow Americans. " * times, "en", 0.9, 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


@pytest.mark.parametrize(
    ("reads", "shortest"), [(0, 800), (800, 1000), (1000, 1200), (1500, 2000)]
)
def test_it_finds_one_step_above_the_length_that_is_right(
    reads: int, shortest: int
) -> None:
    assert selftest.measure(Reader(reads)) == shortest


def test_a_model_that_loops_at_every_length_gets_the_longest() -> None:
    assert selftest.measure(Reader(3000)) == BUCKETS[-1]


@dataclass
class Skipper(Reader):
    """Leaves the beginning out at full length."""

    def write(self, window: Window) -> Decoded:
        if window.mel.shape[1] == BUCKETS[-1]:
            return Decoded("my fellow Americans.", "en", 0.9, 0.0)
        return super().write(window)


@pytest.mark.parametrize(("reads", "shortest"), [(800, 1000), (3000, BUCKETS[-1])])
def test_what_is_left_out_at_full_length_is_no_fault_of_shorter_ones(
    reads: int, shortest: int
) -> None:
    assert selftest.measure(Skipper(reads)) == shortest


def test_it_asks_once(folder: Path) -> None:
    reader = Reader(800)
    assert selftest.shortest(reader, folder) == 1000
    asked = reader.asked
    assert selftest.shortest(reader, folder) == 1000
    assert reader.asked == asked


@pytest.mark.parametrize(
    "note",
    ["", "[]", '{"shortest": 1000}', '{"shortest": 7, "bytes": 7}', "\ufeff{}"],
)
def test_it_asks_again_when_the_note_is_of_no_use(folder: Path, note: str) -> None:
    (folder / selftest.NOTE).write_text(note)
    assert selftest.noted(folder) == 0
    assert selftest.shortest(Reader(800), folder) == 1000


def test_other_weights_have_another_answer(folder: Path) -> None:
    selftest.keep(folder, 1000)
    assert json.loads((folder / selftest.NOTE).read_text())["bytes"] == 7
    (folder / "model.bin").write_bytes(b"other weights")
    assert selftest.noted(folder) == 0


def test_a_folder_that_cannot_be_written_is_no_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(selftest, "keep", refuse)
    assert selftest.shortest(Reader(800), folder) == 1000
