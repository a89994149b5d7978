"""How quick this machine is, and so which size it can serve live, with which threads.

On a CPU each model that is here is timed on one window of live length, the smallest
first: hearing it, and writing 16 tokens. What is larger than all of them and not here
is estimated from the largest: hearing by the multiplications of the encoders, writing
by the weights of the decoders. On CUDA the memory decides.
"""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import ctranslate2
import numpy as np

from transcription.speech.audio.features import FRAMES_PER_SECOND
from transcription.speech.model.priority import behind_others

logger = logging.getLogger(__name__)

TALKERS = 2  # at the same time, each with a worker of the model where there are cores
# s that the call of one window may take where each has a worker: a caption that is no
# later than that follows the speech
LIMIT = 0.3
FRAMES = 1000  # mel frames of the window: 10 s, which real models need to be right

# Recordings are heard with time: at least so many times as quick as people talk
RECORDED_SPEED = 2.0
RECORDED_BEAM = 5
WHOLE = 3000  # mel frames of their windows: what Whisper learned on

_WRITTEN = 16  # tokens: what is said in SPOKEN seconds
SPOKEN = 5.5
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

    def hearing(self, frames: int) -> int:
        """Multiplications of the encoder for one window."""
        steps = frames // 2
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


SIZES = {  # the best first: on CUDA it is the first one that fits
    "large-v3-turbo": Shape(1280, 32, 4),
    "medium": Shape(1024, 24, 24),
    "small": Shape(768, 12, 12),
    "base": Shape(512, 6, 6),
    "tiny": Shape(384, 4, 4),
}
ENGLISH = ".en"  # ends the name of a size that knows English only
# Of the same size, the one that knows all languages counts as the larger one.
SMALLEST_FIRST = [name for size in reversed(SIZES) for name in (size + ENGLISH, size)]


def rank(name: str) -> int:
    """The place of one of SMALLEST_FIRST: larger models have larger ones."""
    return SMALLEST_FIRST.index(name)


def shape_of(name: str) -> Shape:
    """Of one of SMALLEST_FIRST."""
    return SIZES[name.removesuffix(ENGLISH)]


@dataclass(frozen=True)
class Candidate:
    """A model that is here, and the frames of the shortest window that it can read."""

    name: str
    folder: Path
    frames: int = FRAMES


@dataclass(frozen=True)
class MachineSpeed:
    """Seconds that a model needs on this machine for one window of ``frames``."""

    hearing: float
    writing: float
    frames: int = FRAMES

    @property
    def call(self) -> float:
        return self.hearing + self.writing

    def scaled(self, own: Shape, other: Shape) -> float:
        """The estimate of a call for another shape."""
        hearing = self.hearing * other.hearing(self.frames) / own.hearing(self.frames)
        return hearing + self.writing * other.writing / own.writing


@dataclass(frozen=True)
class Choice:
    """A size and why it was chosen, in one line for people."""

    size: str
    reason: str


def for_cpu(here: Iterable[Candidate], threads: int = 0) -> Choice | None:
    """Time the models that are here, int8; None when there is none. See for_paces."""
    order = sorted(here, key=lambda candidate: SMALLEST_FIRST.index(candidate.name))
    paces: dict[str, MachineSpeed] = {}
    for candidate in order:
        try:
            paces[candidate.name] = measure(candidate, threads)
        except Exception as error:  # whatever is wrong with it, the others count
            logger.warning("%s cannot be timed: %s", candidate.folder, error)
            continue
        if paces[candidate.name].call > limit():
            break  # what is larger takes longer still
    return for_paces(paces, limit()) if paces else None


def for_recordings(
    here: Iterable[Candidate], threads: int = 0, at_least: float = RECORDED_SPEED
) -> Choice | None:
    """The largest model that hears ``at_least`` so many times as quick as people talk,
    in windows of 30 s with a beam; the smallest where none does. None of none."""
    order = sorted(here, key=lambda candidate: SMALLEST_FIRST.index(candidate.name))
    speeds: dict[str, float] = {}
    for candidate in order:
        try:
            speeds[candidate.name] = _speed(candidate, threads)
        except Exception as error:  # whatever is wrong with it, the others count
            logger.warning("%s cannot be timed: %s", candidate.folder, error)
            continue
        if speeds[candidate.name] < at_least:
            break  # what is larger is slower still
    if not speeds:
        return None
    fitting = [name for name, speed in speeds.items() if speed >= at_least]
    told = ", ".join(f"{name} {speed:.1f}" for name, speed in speeds.items())
    chosen = fitting[-1] if fitting else next(iter(speeds))
    return Choice(chosen, f"times as quick as speech: {told}; {at_least:g} is enough")


def _speed(candidate: Candidate, threads: int) -> float:
    """Seconds of speech in one second of work."""
    pace = _pace(
        *(candidate.folder, "int8", threads or spare_cores()),
        *(WHOLE, RECORDED_BEAM),
        gives_way=True,
    )
    seconds = WHOLE / FRAMES_PER_SECOND
    texts = seconds / SPOKEN  # as much as a round writes
    return seconds / (pace.hearing + texts * pace.writing)


def limit() -> float:
    """Seconds that a call may take here: people who share a core share the time."""
    return LIMIT * min(cores(), TALKERS) / TALKERS


def for_paces(paces: Mapping[str, MachineSpeed], limit: float = LIMIT) -> Choice:
    """The largest model whose call is within the limit, else the smallest that is here.

    When all that is here is within it, a larger size is chosen that is not here but
    should be within it, too.
    """
    names = sorted(paces, key=SMALLEST_FIRST.index)
    fitting = [name for name in names if paces[name].call <= limit]
    told = [f"a call takes {_listed({name: paces[name].call for name in names})}"]
    chosen = fitting[-1] if fitting else names[0]
    if fitting == names:
        guesses = _guesses(chosen, paces[chosen])
        if guesses:
            told.append(f"it would take {_listed(guesses)}")
        larger = [name for name, seconds in guesses.items() if seconds <= limit]
        chosen = larger[-1] if larger else chosen
    told.append(f"{TALKERS} people who talk allow {limit:.2f} s")
    return Choice(chosen, "; ".join(told))


def _guesses(name: str, pace: MachineSpeed) -> dict[str, float]:
    """Seconds of a call for the sizes above that of ``name``, the smallest first."""
    own = shape_of(name)
    return {
        size: pace.scaled(own, shape)
        for size, shape in reversed(SIZES.items())
        if shape.weights > own.weights
    }


def _listed(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f} s" for name, value in seconds.items())


def for_cuda() -> Choice:
    """The size that the free memory of the GPU allows."""
    return for_memory(cuda_memory())


def for_memory(free: int | None) -> Choice:
    """The first size whose float16 weights fit beside _RESERVE; bytes that are free."""
    if free is None:
        size = next(iter(SIZES))
        return Choice(size, "the GPU does not tell its memory")
    room = free - _RESERVE
    fitting = (size for size, shape in SIZES.items() if 2 * shape.weights <= room)
    return Choice(next(fitting, "tiny"), f"the GPU has {free / 1e9:.1f} GB free")


def measure(candidate: Candidate, threads: int = 0) -> MachineSpeed:
    """Time a model on a CPU, a second or two. Raises whatever the model does."""
    return _pace(candidate.folder, "int8", threads or spare_cores(), candidate.frames)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def spare_cores() -> int:
    """The cores but one, which the rest of the process needs."""
    return max(cores() - 1, 1)


def useful_threads(
    folder: Path, compute_type: str, most: int, gives_way: bool = False
) -> int:
    """With how many CPU threads a model should run, ``most`` or less.

    Halves them while a call takes hardly longer: writing a short window soon gains
    nothing from more cores, which the rest of the machine can use.
    """
    chosen, best = most, float("inf")
    counts = [most >> n for n in range(most.bit_length())]  # most, half, ... 1
    for threads in counts if most > 1 else []:
        pace = _pace(folder, compute_type, threads, gives_way=gives_way)
        if pace.call > _HARDLY * best:
            break
        chosen, best = threads, min(best, pace.call)
    return chosen


def _pace(
    folder: Path,
    compute_type: str,
    threads: int,
    frames: int = FRAMES,
    beam: int = 1,
    gives_way: bool = False,
) -> MachineSpeed:
    build = partial(
        ctranslate2.models.Whisper,
        str(folder),
        device="cpu",
        compute_type=compute_type,
        intra_threads=threads,
    )
    model: Any = behind_others(build) if gives_way else build()
    began, rounds = perf_counter(), list[tuple[float, float]]()
    while len(rounds) < _ROUNDS and perf_counter() - began < _TIMED:
        rounds.append(_round(model, frames, beam))
    hearing, writing = zip(*rounds, strict=True)
    return MachineSpeed(min(hearing), min(writing), frames)


def _round(model: Any, frames: int, beam: int) -> tuple[float, float]:
    silence = np.zeros((1, model.n_mels, frames), np.float32)
    tongue = ["<|en|>", "<|transcribe|>"] if model.is_multilingual else []
    prompt = ["<|startoftranscript|>", *tongue, "<|notimestamps|>"]
    end = 50257 if model.is_multilingual else 50256
    begun = perf_counter()
    encoded = model.encode(ctranslate2.StorageView.from_array(silence))
    heard = perf_counter()
    model.generate(
        encoded,
        [prompt],
        beam_size=beam,
        max_length=2 * _WRITTEN,
        suppress_tokens=[end],
    )
    return heard - begun, perf_counter() - heard


def cuda_memory() -> int | None:
    """Free bytes of the first GPU, as NVIDIA's driver tells; None if it does not."""
    try:
        import pynvml  # comes with the gpu extra
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        try:
            card = pynvml.nvmlDeviceGetHandleByIndex(0)
            return int(pynvml.nvmlDeviceGetMemoryInfo(card).free)
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return None
