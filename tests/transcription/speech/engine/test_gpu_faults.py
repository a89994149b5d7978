"""A GPU that is full or lost in mid-run: less at a time, then the CPU, no line lost."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import sleep

import numpy as np
import pytest
from numpy.typing import NDArray

from transcription.speech.engine.batching import LARGEST, Costs
from transcription.speech.engine.captions import Caption, HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.model import loading
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.faults import Fault, fault
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Decoded, Window

Samples = NDArray[np.int16]
SAID = "Yes, I can hear you."
FULL = "CUDA failed with error out of memory"
LOST = "CUDA failed with error an illegal memory access was encountered"


@dataclass
class Gpu:
    """The real model behind a device that fails as its dials say."""

    whisper: Whisper
    room: int = LARGEST  # windows that fit into the memory
    error: Exception | None = None  # of every call
    cpu_serves: bool = True
    sizes: list[int] = field(default_factory=list)  # of the calls
    loads: list[str] = field(default_factory=list)  # devices that were asked for
    device = "cuda"
    compute_type = "float16"
    name = "model"
    workers = 1

    def __post_init__(self) -> None:
        self.bank = self.whisper.bank
        self.shortest = self.whisper.shortest
        self.shortest_recorded = self.whisper.shortest_recorded
        self.is_long_sighted = self.whisper.is_long_sighted
        self.bucket = self.whisper.bucket

    def decode(self, windows: Sequence[Window], beam: int = 1) -> list[Decoded]:
        self.sizes.append(len(windows))
        if self.error:
            raise self.error
        if len(windows) > self.room:
            raise RuntimeError(FULL)
        return self.whisper.decode(windows, beam)

    def load(self, path: Path, device: Device, costs: Costs) -> object:
        self.loads.append(device.name)
        if device.name == "cuda":
            return self
        if not self.cpu_serves:
            raise ModelError("no memory there either")
        return self.whisper


@pytest.fixture(scope="module")
def whisper(model_folder: Path) -> Whisper:
    return Whisper.load(model_folder, "cpu", "int8", 1)


@pytest.fixture
def gpu(whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> Gpu:
    gpu = Gpu(whisper)
    monkeypatch.setattr(loading, "load", gpu.load)
    return gpu


@pytest.fixture
def engine(gpu: Gpu, model_folder: Path) -> Iterator[Engine]:
    """Not started."""
    engine = Engine(model_folder, device="cuda")
    yield engine
    engine.stop()


@pytest.fixture
def sentence(tracks: dict[str, Samples]) -> Samples:
    """With silence behind, so that no two share a window."""
    return np.pad(tracks["carol"][16_000 * 14 : 16_000 * 17], (0, 48_000))


@pytest.fixture
def write(engine: Engine, sentence: Samples) -> Callable[[int], list[str]]:
    """Write a sentence down some times, all of them waiting when the engine starts."""

    def run(times: int) -> list[str]:
        lines: list[HeardUtterance] = []
        sound = np.tile(sentence, times)
        reader = Thread(target=engine.transcribe, args=(sound, "en", lines.append))
        reader.start()
        while engine.stats().recorded_waiting < times:
            sleep(0.01)
        engine.start()
        reader.join(30)
        return [line.text for line in lines]

    return run


def test_it_makes_smaller_calls_when_the_memory_is_short(
    engine: Engine, gpu: Gpu, write: Callable[[int], list[str]], sentence: Samples
) -> None:
    gpu.room = 2
    assert write(4) == [SAID] * 4
    assert gpu.sizes == [4, 2, 2]
    stats = engine.stats()
    assert (stats.device, stats.batch_limit) == ("cuda", 2)
    assert stats.problem == engine.problem != ""
    assert "Memory is short: calls of at most 2 windows" in engine.problem
    engine.transcribe(np.tile(sentence, 4), "en")
    assert max(gpu.sizes[1:]) <= 2


def test_it_goes_on_on_the_cpu_when_one_window_is_too_much(
    engine: Engine, gpu: Gpu, write: Callable[[int], list[str]]
) -> None:
    gpu.room = 0
    assert write(3) == [SAID] * 3
    assert gpu.sizes == [3, 2, 1]
    stats = engine.stats()
    assert (stats.device, stats.batch_limit) == ("cpu", LARGEST)
    assert stats.problem == f"The GPU failed ({FULL}): captions are made on the CPU"


def test_it_asks_a_lost_device_for_nothing_more(
    engine: Engine, gpu: Gpu, write: Callable[[int], list[str]]
) -> None:
    gpu.error = RuntimeError(LOST)
    assert write(3) == [SAID] * 3
    assert gpu.sizes == [3]
    assert engine.stats().device == "cpu"
    assert LOST in engine.problem


def test_another_model_does_not_bring_the_gpu_back(
    engine: Engine,
    gpu: Gpu,
    write: Callable[[int], list[str]],
    model_folder: Path,
) -> None:
    gpu.error = RuntimeError(LOST)
    write(1)
    engine.swap_model(model_folder)
    assert engine.stats().device == "cpu"
    assert LOST in engine.problem


def test_it_loses_no_word_when_the_device_is_lost_in_mid_line(
    engine: Engine, gpu: Gpu, sentence: Samples
) -> None:
    engine.start()
    assert engine.ready.wait(30)
    heard: list[Caption] = []
    stream = engine.open_stream(heard.append, language="en")
    for at in range(0, len(sentence), 1600):
        if at == 16_000:
            gpu.error = RuntimeError(LOST)
        stream.hear(sentence[at : at + 1600], at / 16_000)
        sleep(0.02)
    stream.close()
    assert stream.closed.wait(20)
    assert [caption.text for caption in heard if caption.final] == [SAID]
    assert engine.stats().device == "cpu"


def test_it_keeps_the_gpu_when_a_window_is_bad(
    engine: Engine, gpu: Gpu, sentence: Samples
) -> None:
    engine.start()
    assert engine.ready.wait(30)
    gpu.error = ValueError("input has a wrong shape")
    with pytest.raises(ValueError, match="wrong shape"):
        engine.transcribe(sentence, "en")
    gpu.error = None
    assert [line.text for line in engine.transcribe(sentence, "en")] == [SAID]
    assert (engine.stats().device, engine.problem) == ("cuda", "")


def test_it_says_when_the_cpu_cannot_take_over(
    engine: Engine, gpu: Gpu, sentence: Samples
) -> None:
    engine.start()
    assert engine.ready.wait(30)
    gpu.error, gpu.cpu_serves = RuntimeError(LOST), False
    for _ in range(2):
        with pytest.raises(RuntimeError, match="illegal memory access"):
            engine.transcribe(sentence, "en")
    assert gpu.loads == ["cuda", "cpu"]  # tried once, not for every window
    assert "the CPU cannot: no memory there either" in engine.problem


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (FULL, Fault.MEMORY),
        ("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED", Fault.MEMORY),
        (LOST, Fault.DEVICE),
        ("CUDA failed with error unspecified launch failure", Fault.DEVICE),
        ("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED", Fault.DEVICE),
        ("cuDNN failed with status CUDNN_STATUS_EXECUTION_FAILED", Fault.DEVICE),
        ("Invalid input features shape", Fault.ITEM),
    ],
)
def test_it_knows_how_far_a_fault_reaches(text: str, kind: Fault) -> None:
    assert fault(RuntimeError(text)) is kind
