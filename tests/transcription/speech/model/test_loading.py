"""Devices that are asked for and those that are here."""

from pathlib import Path

import pytest

from benchmarks import random_model
from benchmarks.random_model import Shape
from transcription.speech.engine.batching import Costs
from transcription.speech.model import loading
from transcription.speech.model.loading import Device


def test_it_takes_int8_on_a_cpu() -> None:
    here = Device("cpu").at_hand()
    assert (here.name, here.compute_type) == ("cpu", "int8")


def test_it_chooses_the_threads_itself(
    monkeypatch: pytest.MonkeyPatch, model_folder: Path
) -> None:
    monkeypatch.setattr(loading, "_WARM_SECONDS", 0.0)
    monkeypatch.setattr(loading, "useful_threads", lambda *asked: 2)
    assert loading.load(model_folder, Device("cpu"), Costs()).threads == 2
    assert loading.load(model_folder, Device("cpu", "int8", 1), Costs()).threads == 1


def test_it_takes_the_number_of_mels_from_the_weights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of the large-v3 family it is 128; no file beside the weights says so."""
    monkeypatch.setattr(loading, "_WARM_SECONDS", 0.0)
    folder = random_model.build(Shape("wide", 128, 384, 1, 1), tmp_path / "wide")
    assert not (folder / "preprocessor_config.json").exists()
    assert loading.load(folder, Device("cpu", "int8", 1), Costs()).bank.mels == 128


def test_it_keeps_what_was_asked_for() -> None:
    asked = Device("cuda", "int8_float16", 3)
    assert asked.at_hand() == asked


def test_it_falls_back_to_the_cpu_when_the_gpu_does_not_serve(
    monkeypatch: pytest.MonkeyPatch, model_folder: Path
) -> None:
    """A GPU that CTranslate2 counts but whose libraries are not installed."""
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(loading, "_WARM_SECONDS", 0.0)
    whisper = loading.load(model_folder, Device(), Costs())
    assert whisper.device == "cpu"


def test_it_finds_no_cublas_where_its_wheel_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    assert loading.find_cublas() is False
