"""How quick this machine is, and so which size it can serve live, with which threads.

On a CPU the bundled model is timed on one window of live length: hearing it, and
writing 16 tokens. Both are scaled to the other sizes, hearing by the multiplications of
their encoders, writing by the weights of their decoders. On CUDA the memory decides.
"""

import ctypes
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import ctranslate2
import numpy as np

from transcription.speech.batching import BUSY, PERIODS

BUNDLED_MODEL = Path(__file__).parents[1] / "demo_model" / "model"

TALKERS = 2
# s that the call of one window may take: at the longest period of partials, both who
# talk keep the model no busier than the load from which the pace gives way
LIMIT = BUSY * PERIODS[-1] / TALKERS

_FRAMES = 600  # mel frames of the window: 5.5 s of sound
_WRITTEN = 16  # tokens: what is said in 5.5 s
_ROUNDS = 8  # of which the quickest counts: the machine may be busy for a moment
_TIMED = 1.0  # s after which a large model is not timed again
_HARDLY = 1.1  # so many times longer may a call take with half of the threads
_ENTRIES = 51_865  # of the vocabulary
_RESERVE = 1.5e9  # bytes on the GPU for CUDA itself, cuBLAS and what a call needs


@dataclass(frozen=True)
class Shape:
    """The sizes of a Whisper (OpenAI's model card): width and numbers of layers."""

    width: int
    encoder_layers: int
    decoder_layers: int

    @property
    def hearing(self) -> int:
        """Multiplications of the encoder for one window."""
        steps = _FRAMES // 2
        weights = 12 * self.width**2 * steps
        return self.encoder_layers * (weights + 2 * self.width * steps**2)

    @property
    def writing(self) -> int:
        """Weights of the decoder: each token needs all of them."""
        return 16 * self.width**2 * self.decoder_layers + _ENTRIES * self.width

    @property
    def weights(self) -> int:
        """All of them."""
        return 12 * self.width**2 * self.encoder_layers + self.writing


BUNDLED_SHAPE = Shape(144, 3, 3)  # transcription/demo_model/README.md
SIZES = {  # the best first: what a machine serves is the first one that fits
    "large-v3-turbo": Shape(1280, 32, 4),
    "medium": Shape(1024, 24, 24),
    "small": Shape(768, 12, 12),
    "base": Shape(512, 6, 6),
    "tiny": Shape(384, 4, 4),
}


@dataclass(frozen=True)
class Pace:
    """Seconds that the bundled model needs on this machine for one window."""

    hearing: float
    writing: float

    def call(self, shape: Shape) -> float:
        """The estimate for another size."""
        hearing = self.hearing * shape.hearing / BUNDLED_SHAPE.hearing
        return hearing + self.writing * shape.writing / BUNDLED_SHAPE.writing


@dataclass(frozen=True)
class Choice:
    """A size and why it was chosen, in one line for people."""

    size: str
    reason: str


@cache
def choose(device: str) -> Choice:
    """The size for ``cpu`` or ``cuda``; measured once per process."""
    return for_memory(cuda_memory()) if device == "cuda" else for_pace(measure())


def for_pace(pace: Pace) -> Choice:
    """The largest size whose calls are within LIMIT, else the smallest."""
    seconds = {size: pace.call(shape) for size, shape in SIZES.items()}
    size = next((size for size in seconds if seconds[size] <= LIMIT), "tiny")
    listed = ", ".join(f"{size} {seconds[size]:.2f} s" for size in reversed(seconds))
    limit = f"{TALKERS} people who talk allow {LIMIT:.2f} s"
    return Choice(size, f"a call would take {listed}; {limit}")


def for_memory(free: int | None) -> Choice:
    """The first size whose float16 weights fit beside _RESERVE; bytes that are free."""
    if free is None:
        size = next(iter(SIZES))
        return Choice(size, "the GPU does not tell its memory")
    room = free - _RESERVE
    fitting = (size for size, shape in SIZES.items() if 2 * shape.weights <= room)
    return Choice(next(fitting, "tiny"), f"the GPU has {free / 1e9:.1f} GB free")


def measure(threads: int | None = None) -> Pace:
    """Time the bundled model on a CPU: a fraction of a second."""
    return _pace(BUNDLED_MODEL, "int8", threads or spare_cores())


def spare_cores() -> int:
    """The cores but one, which the rest of the process needs."""
    return max(len(os.sched_getaffinity(0)) - 1, 1)


def useful_threads(folder: Path, compute_type: str, most: int) -> int:
    """With how many CPU threads a model should run, ``most`` or less.

    Halves them while a call takes hardly longer: writing a short window soon gains
    nothing from more cores, which the rest of the machine can use.
    """
    chosen, best = most, float("inf")
    counts = [most >> n for n in range(most.bit_length())]  # most, half, ... 1
    for threads in counts if most > 1 else []:
        pace = _pace(folder, compute_type, threads)
        if pace.hearing + pace.writing > _HARDLY * best:
            break
        chosen, best = threads, min(best, pace.hearing + pace.writing)
    return chosen


def _pace(folder: Path, compute_type: str, threads: int) -> Pace:
    model: Any = ctranslate2.models.Whisper(
        str(folder), device="cpu", compute_type=compute_type, intra_threads=threads
    )
    began, rounds = perf_counter(), list[tuple[float, float]]()
    while len(rounds) < _ROUNDS and perf_counter() - began < _TIMED:
        rounds.append(_round(model))
    return Pace(min(hearing for hearing, _ in rounds), min(w for _, w in rounds))


def _round(model: Any) -> tuple[float, float]:
    silence = np.zeros((1, model.n_mels, _FRAMES), np.float32)
    tongue = ["<|en|>", "<|transcribe|>"] if model.is_multilingual else []
    prompt = ["<|startoftranscript|>", *tongue, "<|notimestamps|>"]
    end = 50257 if model.is_multilingual else 50256
    begun = perf_counter()
    encoded = model.encode(ctranslate2.StorageView.from_array(silence))
    heard = perf_counter()
    model.generate(
        encoded, [prompt], beam_size=1, max_length=2 * _WRITTEN, suppress_tokens=[end]
    )
    return heard - begun, perf_counter() - heard


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``, in bytes."""

    _fields_ = [(name, ctypes.c_ulonglong) for name in ("total", "free", "used")]


def cuda_memory() -> int | None:
    """Free bytes of the first GPU, as NVIDIA's driver tells; None if it does not."""
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    card, memory = ctypes.c_void_p(), _Memory()
    nvml.nvmlInit_v2()
    try:
        failed = nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(card))
        failed = failed or nvml.nvmlDeviceGetMemoryInfo(card, ctypes.byref(memory))
        return None if failed else int(memory.free)
    finally:
        nvml.nvmlShutdown()
