"""A checked folder becomes a warm model on the device at hand."""

import ctypes
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import ctranslate2
import numpy as np

from transcription.speech.audio.features import BUCKETS
from transcription.speech.engine.batching import Costs
from transcription.speech.model import selftest
from transcription.speech.model.calibration import cores, useful_threads
from transcription.speech.model.catalogue import ModelError, validate_folder
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Window

logger = logging.getLogger(__name__)

WORKERS = 4  # calls at a time, at most
_WARM_ITEMS = (1, 2, 4)
_WARM_SECONDS = 1.5  # the start must not wait longer; the rest is learned on the way


@dataclass(frozen=True)
class Device:
    """Where and how a model runs: ``auto`` is resolved by ``at_hand``."""

    name: str = "auto"  # cpu or cuda
    compute_type: str = "auto"
    cpu_threads: int = 0  # 0: as many as help, which is measured
    gives_way: bool = False  # computes behind everybody else on the CPU

    def at_hand(self) -> "Device":
        """With a device and a number type that exist here."""
        name = self.name
        if name == "auto":
            name = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        compute_type = self.compute_type
        if compute_type == "auto":
            compute_type = "float16" if name == "cuda" else "int8"
        return Device(name, compute_type, self.cpu_threads, self.gives_way)

    def on_cpu(self) -> "Device":
        """In place of a GPU that does not serve."""
        return Device("cpu", cpu_threads=self.cpu_threads, gives_way=self.gives_way)


def load(path: str | Path, device: Device, costs: Costs) -> Whisper:
    """Load and warm up; ``auto`` falls back to the CPU when the GPU does not work.

    Raises ModelError when the folder or the file is unfit.
    """
    folder, here = validate_folder(path), device.at_hand()
    try:
        return _load(folder, here, costs)
    except Exception as error:  # the tokenizer's is no other
        if here.name == "cuda" and device.name == "auto":
            logger.warning("The GPU does not serve (%s): the CPU does", error)
            return load(path, device.on_cpu(), costs)
        raise ModelError(f"{folder} cannot be loaded: {error}") from error


def _load(folder: Path, device: Device, costs: Costs) -> Whisper:
    started = perf_counter()
    threads, workers = device.cpu_threads, 1
    if device.name == "cuda":
        find_cublas()
    else:
        half = max(cores() // 2, 1)
        threads = threads or useful_threads(
            folder, device.compute_type, half, device.gives_way
        )
        # two calls with one thread each do more than one call with two
        workers = min(max(cores() // threads, 1), WORKERS)
    whisper = Whisper.load(
        folder, device.name, device.compute_type, threads, workers, device.gives_way
    )
    whisper.shortest = selftest.shortest(whisper, folder)
    warm_up(whisper, costs)
    took = perf_counter() - started
    logger.info(
        "Model %s is warm after %.1f s, threads: %d, workers: %d",
        folder,
        took,
        threads,
        workers,
    )
    return whisper


def find_cublas() -> bool:
    """Load cuBLAS out of its wheel, where the system's loader does not look.

    CTranslate2 finds it by name afterwards. False when the wheel is not installed.
    """
    found = find_spec("nvidia.cublas") if find_spec("nvidia") else None
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        for name in ("libcublasLt.so.12", "libcublas.so.12"):  # in this order
            ctypes.CDLL(str(Path(folder) / "lib" / name), ctypes.RTLD_GLOBAL)
        return True
    return False


def warm_up(whisper: Whisper, costs: Costs) -> None:
    """Run each size of call once: the first one of its size pays for allocation."""
    started = perf_counter()
    for items in _WARM_ITEMS:
        for bucket in (size for size in BUCKETS if whisper.shortest <= size <= 1200):
            mel = np.zeros((whisper.bank.mels, bucket), np.float32)
            window = Window(mel, bucket, "en", word_times=items == 1)
            begun = perf_counter()
            whisper.decode([window] * items)
            costs.learn(bucket, items, perf_counter() - begun)
            if perf_counter() - started > _WARM_SECONDS:
                return
