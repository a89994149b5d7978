"""Teaches the encoder to hear a sound as the same at any moment, from any throat.

    python -m benchmarks.fixture_model.recipe.shift RUN.pt CORPUS... --steps 1500
        --weights WEIGHTS.pt [--rate 1e-3] [--workers 2]

An encoder that was trained on short windows hears well where these lay, in the first
10 s: later, more than half of its states' content is something else. Here it learns
from itself: at any moment it should say what it says of the same 8 s at the start.
What its states tell of the moment alone, the mean over a batch, may differ.

What it learns from is also heard through a vocal tract of another length and through
another microphone, so that it does not hold on to the voices of the corpus.
"""

import argparse
import copy
import random
from pathlib import Path

import torch
from torch import Tensor, multiprocessing

from benchmarks.fixture_model.recipe.calls import LONGEST, Calls
from benchmarks.fixture_model.recipe.network import Encoder, Whisper
from benchmarks.fixture_model.recipe.sounds import Corpus, disguised
from benchmarks.fixture_model.recipe.tokens import layout
from benchmarks.fixture_model.recipe.train import (
    POSITIONS_PER_SECOND,
    Gradient,
    Run,
    train,
    trained,
    weights,
)

SECONDS = 8  # of sound that the encoder hears well at the start
LONG_SHARE = 0.4  # of the batches are 30 s long, the others lie anywhere in 30 s
BATCH = {SECONDS: 20, LONGEST: 6}  # windows
EDGE = 25  # positions beside a cut that hear what the teacher does not
CHANGED_SHARE = 0.7  # of the windows come from another throat and microphone
_FRAMES = SECONDS * 100  # mel frames


def content(states: Tensor) -> Tensor:
    """States (batch, positions, width) without what all say at that moment."""
    return states - states.mean(0, keepdim=True)


def _changed(mel: Tensor, rng: random.Random) -> Tensor:
    return disguised(mel, rng) if rng.random() < CHANGED_SHARE else mel


def missed(
    teacher: Encoder, pupil: Encoder, mel: Tensor, heard_mel: Tensor, offset: int
) -> Tensor:
    """Mean square of what the pupil says otherwise at an offset (positions)."""
    said, lost = pupil(heard_mel, offset), []
    for first in range(0, mel.shape[2] - _FRAMES + 1, _FRAMES):
        with torch.no_grad():
            right = teacher(mel[:, :, first : first + _FRAMES])
        heard = said[:, first // 2 : (first + _FRAMES) // 2]
        if offset or first:  # at the start nothing may change, the moment included
            heard, right = content(heard), content(right)
        inner = slice(EDGE, -EDGE) if mel.shape[2] > _FRAMES else slice(None)
        lost.append((heard - right)[:, inner].square().mean())
    return torch.stack(lost).mean()


def compute(
    model: Whisper,
    teacher: Encoder,
    paths: list[Path],
    seed: int,
    gradients: "multiprocessing.Queue[Gradient]",
) -> None:
    """A worker: gradients of the shared encoder."""
    torch.set_num_threads(1)
    rng, calls = random.Random(seed), Calls(Corpus(paths), seed)
    while True:
        long = rng.random() < LONG_SHARE
        seconds = LONGEST if long else SECONDS
        latest = (LONGEST - seconds) * POSITIONS_PER_SECOND
        windows = [calls.window(seconds) for _ in range(BATCH[seconds])]
        mel = torch.stack([window.mel for window in windows])
        changed = torch.stack([_changed(window.mel, rng) for window in windows])
        moment = rng.randint(0, latest)
        value = missed(teacher, model.encoder, mel, changed, moment)
        values = torch.autograd.grad(value, trained(model))
        losses = {"missed": value.item()}
        gradients.put(Gradient(seconds, len(windows), list(values), losses))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = Whisper(layout().size)
    model.load_state_dict(weights(options.weights))
    model.decoder.requires_grad_(False)
    teacher = copy.deepcopy(model.encoder).requires_grad_(False)
    run = Run(model, options.run, options.steps, options.rate)
    train(run, options.workers, compute, teacher, options.corpora)


if __name__ == "__main__":
    main()
