"""Which size ``auto`` means on machines quick and slow, large and small."""

import shutil
from pathlib import Path

import pytest

from transcription.speech.model import calibration
from transcription.speech.model.calibration import (
    SIZES,
    Candidate,
    Choice,
    MachineSpeed,
)


def paces(**milliseconds: float) -> dict[str, MachineSpeed]:
    """Calls of these models; tiny_en is tiny.en."""
    return {
        name.replace("_", "."): MachineSpeed(ms / 2000, ms / 2000)
        for name, ms in milliseconds.items()
    }


@pytest.mark.parametrize(
    ("measured", "size"),
    [
        (paces(tiny_en=115, base=310), "tiny.en"),
        (paces(tiny_en=115, base=240), "base"),
        (paces(tiny_en=400), "tiny.en"),  # too slow, and the smallest
        (paces(tiny_en=300, tiny=310, base=700), "tiny.en"),
        (paces(tiny=200, tiny_en=200), "tiny"),  # knows all that the other one knows
        (paces(base=400), "base"),
        (paces(base=70), "small"),  # not here, and should be quick enough
        (paces(base=12), "large-v3-turbo"),
        (paces(tiny_en=200), "tiny.en"),  # base should be too slow
        (paces(base=70, small=310), "base"),  # small was measured
    ],
)
def test_it_takes_the_largest_that_is_quick_enough(
    measured: dict[str, MachineSpeed], size: str
) -> None:
    assert calibration.for_paces(measured).size == size


def test_it_says_why() -> None:
    assert calibration.for_paces(paces(tiny_en=115, base=440)) == Choice(
        "tiny.en",
        "a call takes tiny.en 0.12 s, base 0.44 s; 2 people who talk allow 0.30 s",
    )
    assert calibration.for_paces(paces(base=90)).reason == (
        "a call takes base 0.09 s; it would take small 0.33 s, medium 1.07 s, "
        "large-v3-turbo 1.52 s; 2 people who talk allow 0.30 s"
    )


def test_people_share_the_time_of_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "cores", lambda: 1)
    assert calibration.limit() == pytest.approx(calibration.LIMIT / 2)
    monkeypatch.setattr(calibration, "cores", lambda: 64)
    assert calibration.limit() == calibration.LIMIT


def test_it_measures_no_more_than_it_must(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is larger than a model that is too slow is too slow as well."""
    measured = paces(tiny_en=50, base=340)
    monkeypatch.setattr(
        calibration, "measure", lambda candidate, _: measured[candidate.name]
    )
    names = ("medium", "base", "tiny.en")
    choice = calibration.for_cpu([Candidate(name, tmp_path) for name in names])
    assert choice is not None
    assert choice.size == "tiny.en"
    assert calibration.for_cpu([]) is None


def test_it_leaves_out_what_cannot_be_loaded(
    model_folder: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(model_folder, tmp_path / "base")
    (broken / "model.bin").write_bytes(b"cut off")
    here = [Candidate("base", broken), Candidate("tiny", model_folder, frames=400)]
    choice = calibration.for_cpu(here)
    assert choice is not None
    assert choice.reason.startswith("a call takes tiny 0.")
    assert calibration.for_cpu(here[:1]) is None


@pytest.mark.parametrize(
    ("size", "millions"),  # OpenAI's model card
    [
        ("tiny", 39),
        ("base", 74),
        ("small", 244),
        ("medium", 769),
        ("large-v3-turbo", 809),
    ],
)
def test_it_knows_how_large_the_sizes_are(size: str, millions: int) -> None:
    assert SIZES[size].weights == pytest.approx(millions * 1e6, rel=0.08)


@pytest.mark.parametrize(
    ("free", "size"),
    [
        (24e9, "large-v3-turbo"),
        (4e9, "large-v3-turbo"),
        (3.05e9, "medium"),
        (2.2e9, "small"),
        (0.1e9, "tiny"),
        (None, "large-v3-turbo"),
    ],
)
def test_it_takes_what_fits_on_the_gpu(free: float | None, size: str) -> None:
    assert calibration.for_memory(None if free is None else int(free)).size == size


def test_it_measures_this_machine(model_folder: Path) -> None:
    pace = calibration.measure(Candidate("tiny", model_folder, 600), threads=1)
    assert pace.frames == 600
    assert 1e-4 < pace.hearing < 5
    assert 1e-4 < pace.writing < 5


@pytest.mark.parametrize(
    ("milliseconds", "threads"),  # of calls with 12, 6, 3 and 1
    [
        ([10, 20, 40, 90], 12),  # every core helps
        ([10, 10.5, 20, 90], 6),
        ([10, 9, 8, 8.5], 1),
        ([10, 10.8, 11.6, 12.5], 6),  # slower bit by bit: judged by the best
    ],
)
def test_it_takes_no_more_threads_than_help(
    monkeypatch: pytest.MonkeyPatch, milliseconds: list[float], threads: int
) -> None:
    paces = dict(zip((12, 6, 3, 1), milliseconds, strict=True))

    def pace(folder: Path, kind: str, threads: int, gives_way: bool) -> MachineSpeed:
        return MachineSpeed(paces[threads] / 2000, paces[threads] / 2000)

    monkeypatch.setattr(calibration, "_pace", pace)
    assert calibration.useful_threads(Path("model"), "int8", most=12) == threads


def test_one_core_leaves_no_choice(tmp_path: Path) -> None:
    assert calibration.useful_threads(tmp_path / "no model", "int8", most=1) == 1


def test_it_times_a_model_with_two_thread_counts(model_folder: Path) -> None:
    assert calibration.useful_threads(model_folder, "int8", most=2) in (1, 2)


def test_it_asks_the_gpu_for_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "cuda_memory", lambda: 24_000_000_000)
    choice = calibration.for_cuda()
    assert choice == Choice("large-v3-turbo", "the GPU has 24.0 GB free")
