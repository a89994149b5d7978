"""Which size ``auto`` means on machines quick and slow, large and small."""

from pathlib import Path

import pytest

from transcription.speech import calibration, models
from transcription.speech.calibration import BUNDLED_SHAPE, LIMIT, SIZES, Choice, Pace


@pytest.mark.parametrize(
    ("milliseconds", "size"),
    [(20.0, "tiny"), (2.5, "base"), (1.0, "small"), (0.3, "medium")],
)
def test_it_takes_the_largest_size_that_is_quick_enough(
    milliseconds: float, size: str
) -> None:
    pace = Pace(hearing=milliseconds / 1000, writing=2 * milliseconds / 1000)
    assert calibration.for_pace(pace).size == size
    larger = list(SIZES)[: list(SIZES).index(size)]
    assert all(pace.call(SIZES[name]) > LIMIT for name in larger)


def test_it_says_why() -> None:
    choice = calibration.for_pace(Pace(hearing=0.004, writing=0.007))
    assert choice == Choice(
        "base",
        "a call would take tiny 0.06 s, base 0.13 s, small 0.49 s, medium 1.64 s, "
        "large-v3-turbo 2.74 s; 2 people who talk allow 0.14 s",
    )


def test_it_estimates_the_bundled_model_as_it_was_measured() -> None:
    assert Pace(0.25, 0.5).call(BUNDLED_SHAPE) == 0.75


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


def test_it_measures_this_machine() -> None:
    pace = calibration.measure(threads=1)
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

    def pace(folder: Path, compute_type: str, threads: int) -> Pace:
        return Pace(paces[threads] / 2000, paces[threads] / 2000)

    monkeypatch.setattr(calibration, "_pace", pace)
    assert calibration.useful_threads(Path("model"), "int8", most=12) == threads


def test_one_core_leaves_no_choice(tmp_path: Path) -> None:
    assert calibration.useful_threads(tmp_path / "no model", "int8", most=1) == 1


def test_it_times_a_model_with_two_thread_counts(model_folder: Path) -> None:
    assert calibration.useful_threads(model_folder, "int8", most=2) in (1, 2)


def test_it_measures_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calibration.choose.cache_clear()
    paces = iter([Pace(0.001, 0.002)])
    monkeypatch.setattr(calibration, "measure", lambda: next(paces))
    assert models.resolve("auto", "cpu") == models.resolve("auto", "cpu") == "small"
    calibration.choose.cache_clear()


def test_it_asks_the_gpu_for_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    calibration.choose.cache_clear()
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(calibration, "cuda_memory", lambda: 24_000_000_000)
    choice = models.choose()
    assert choice == Choice("large-v3-turbo", "the GPU has 24.0 GB free")
    calibration.choose.cache_clear()
