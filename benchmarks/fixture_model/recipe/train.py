"""Trains the fixture model, or trains it on, on windows of 2 to 30 s.

    python -m benchmarks.fixture_model.recipe.train RUN.pt CORPUS... --steps 6000
        [--decoder-only] [--weights WEIGHTS.pt | --resume] [--rate 7e-4] [--workers 2]

``RUN.pt`` is written every few minutes: the weights, their moving average (what
``export.py`` takes), the optimiser and the steps done. ``--resume`` goes on with it.

Each worker is a process of one thread that draws windows and computes gradients of the
shared weights; this process steps on whichever comes first. On a machine with other
work that is faster than threads that wait for each other.
"""

import argparse
import random
import signal
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, multiprocessing, nn

from benchmarks.fixture_model.recipe.answers import IGNORED, Text, Writer
from benchmarks.fixture_model.recipe.calls import Calls, Window
from benchmarks.fixture_model.recipe.network import Whisper
from benchmarks.fixture_model.recipe.sounds import Corpus
from benchmarks.fixture_model.recipe.tokens import Layout, layout, whole_vocabulary

# seconds of a window and how often it is drawn: dense 30 s windows are the hard ones,
# live captions need all the short ones
LENGTHS = {30: 16, 20: 3, 15: 3, 10: 4, 8: 4, 6: 4, 5: 3, 4: 4, 3: 3, 2: 2}
BATCH_SECONDS = 180
LARGEST_BATCH = 40
# decoder heads that learn where the last token was heard, and where the next one is
LAST_HEADS, NEXT_HEADS = (slice(0, 2), slice(3, 5)), slice(6, 9)
LONGEST_SPAN = 64  # sound positions
GUIDANCE = 0.5  # weight of the loss of attention beside that of the text
AVERAGE = 0.997  # of the weights, per step
WARM_STEPS = 100
DISGUISED_SHARE = 0.5  # of the windows come from another throat and microphone
POSITIONS_PER_SECOND = 50
FALL = 0.45  # share of the steps in which the rate falls to nothing
SAVE_SECONDS = 60
SHOWN = ("30", "10", "8", "4")  # lengths of window whose losses are printed
REMEMBERED = 3000  # seconds of encoded windows of each length in a worker
REUSE = 10  # how often a window is used before it is forgotten, on average


class Gradient(NamedTuple):
    seconds: int  # of a window
    windows: int
    values: list[Tensor]
    losses: dict[str, float]


class Loss:
    """What a batch costs: the text, and listening where nothing was said."""

    def __init__(self, words: Layout) -> None:
        absent = len(whole_vocabulary(words.text)) - words.size + 1
        self.bias = torch.zeros(words.size)
        self.bias[words.stand_in] = log(absent)  # it stands for so many entries
        self.first_timestamp = words.first_timestamp

    def __call__(
        self, model: Whisper, sound: Tensor, text: Text
    ) -> tuple[Tensor, dict[str, float]]:
        states, attention = model.decoder(text.tokens, sound)
        asked = text.targets != IGNORED
        targets, logits = text.targets[asked], model.logits(states[asked])
        each = self.surprise(logits + self.bias, targets)
        timed = targets >= self.first_timestamp
        guidance = self.guidance(attention, text.spans)
        losses = {"text": each[~timed].mean().item(), "guide": guidance.item()}
        if timed.any():
            losses["times"] = each[timed].mean().item()
        return each.mean() + GUIDANCE * guidance, losses

    def surprise(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy; a timestamp may also be 20 ms early or late."""
        scores = logits.log_softmax(-1)
        low = self.first_timestamp
        near = [(targets + i).clamp(low, len(self.bias) - 1) for i in (-1, 1)]
        exact, early, late = (
            -scores.gather(1, index[:, None])[:, 0] for index in (targets, *near)
        )
        spread = 0.5 * exact + 0.25 * (early + late)
        return torch.where(targets >= low, spread, exact)

    def guidance(self, attention: Tensor, spans: Tensor) -> Tensor:
        """How far the heads listen from where they should.

        In the first layers they find the token just written, by what it sounds like;
        from there the last one finds the next. Otherwise the place is lost after 10 s.
        """
        last = torch.cat([torch.zeros_like(spans[:, :1]), spans[:, :-1]], 1)
        missed = _missed(attention[:, NEXT_HEADS], spans)
        for heads in LAST_HEADS:
            missed = missed + _missed(attention[:, heads], last)
        return missed


def _missed(attention: Tensor, spans: Tensor) -> Tensor:
    """-log of the attention that falls on the mel frames of each span."""
    first, last = (spans // 2).unbind(-1)
    position = first[..., None] + torch.arange(LONGEST_SPAN)
    end = attention.shape[-1] - 1
    inside = (position <= last[..., None].clamp(max=end)) & (spans[..., 1:] > 0)
    index = position.clamp(max=end)[:, None]
    near = attention.gather(3, index.expand(-1, attention.shape[1], -1, -1))
    caught = (near * inside[:, None]).sum(-1).transpose(1, 2)
    known = caught[spans[..., 1] > 0]
    return -known.clamp_min(1e-4).log().mean() if len(known) else attention.sum() * 0


def trained(model: Whisper) -> list[nn.Parameter]:
    return [p for p in model.parameters() if p.requires_grad]


def weights(path: Path) -> dict[str, Tensor]:
    """The weights in a file: of a run their moving average."""
    kept = torch.load(path, map_location="cpu")
    return cast("dict[str, Tensor]", kept.get("average", kept))


def hear(model: Whisper, windows: Sequence[Window]) -> Tensor:
    """The encoder's states of windows of one length."""
    sounds = [
        model.encoder(window.mel[None], window.offset * POSITIONS_PER_SECOND)
        for window in windows
    ]
    return torch.cat(sounds)


class Memory:
    """Encoded windows by length, used several times while the encoder stands still."""

    def __init__(self, model: Whisper, calls: Calls) -> None:
        self.model, self.calls = model, calls
        self.kept: dict[int, list[tuple[Tensor, Window]]] = defaultdict(list)

    def draw(self, seconds: int, size: int) -> tuple[Tensor, tuple[Window, ...]]:
        kept, rng = self.kept[seconds], self.calls.rng
        full = len(kept) >= REMEMBERED // seconds
        for _ in range(max(1, size // REUSE) if full else size):
            if full:
                kept.pop(rng.randrange(len(kept)))
            window = self.calls.window(seconds)
            with torch.no_grad():
                kept.append((hear(self.model, [window])[0], window))
        sounds, windows = zip(*rng.sample(kept, size), strict=True)
        return torch.stack(sounds), windows


def compute(
    model: Whisper,
    paths: list[Path],
    seed: int,
    gradients: "multiprocessing.Queue[Gradient]",
) -> None:
    """A worker: gradients of the shared weights, for as long as somebody takes them."""
    torch.set_num_threads(1)
    words, rng = layout(), random.Random(seed)
    calls, writer = Calls(Corpus(paths), seed, DISGUISED_SHARE), Writer(words, seed)
    memory, loss = Memory(model, calls), Loss(words)
    hears = any(p.requires_grad for p in model.encoder.parameters())
    while True:
        seconds = rng.choices(list(LENGTHS), list(LENGTHS.values()))[0]
        size = min(LARGEST_BATCH, BATCH_SECONDS // seconds)
        if hears:
            windows = tuple(calls.window(seconds) for _ in range(size))
            sound = hear(model, windows)
        else:
            sound, windows = memory.draw(seconds, size)
        value, losses = loss(model, sound, writer.write(windows))
        values = torch.autograd.grad(value, trained(model))
        gradients.put(Gradient(seconds, size, list(values), losses))


class Run:
    """The weights on their way, and everything needed to go on after a pause."""

    def __init__(self, model: Whisper, path: Path, steps: int, rate: float) -> None:
        self.model, self.path, self.steps, self.rate = model, path, steps, rate
        self.optimiser = torch.optim.AdamW(
            trained(model), lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.average = {n: p.clone() for n, p in model.state_dict().items()}
        self.step = 0

    def resume(self) -> None:
        kept = torch.load(self.path, map_location="cpu")
        self.model.load_state_dict(kept["weights"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.average, self.step = kept["average"], kept["step"]

    def save(self) -> None:
        state: dict[str, object] = {"weights": self.model.state_dict()}
        state |= {"average": self.average}
        state |= {"optimiser": self.optimiser.state_dict()}
        state |= {"step": self.step}
        torch.save(state, self.path.with_suffix(".tmp"))
        self.path.with_suffix(".tmp").replace(self.path)

    def learn(self, gradient: list[Tensor]) -> None:
        fall = min(1.0, (1 - self.step / self.steps) / FALL)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * min(1, (self.step + 1) / WARM_STEPS) * fall
        for parameter, values in zip(trained(self.model), gradient, strict=True):
            parameter.grad = values
        nn.utils.clip_grad_norm_(trained(self.model), 1.0)
        self.optimiser.step()
        self.step += 1
        kept = min(AVERAGE, self.step / (self.step + 10))
        for name, value in self.model.state_dict().items():
            self.average[name].lerp_(value, 1 - kept)


class Report:
    """The recent losses by length of window, printed now and then."""

    def __init__(self) -> None:
        self.losses: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=30))

    def add(self, gradient: Gradient) -> None:
        for name, value in gradient.losses.items():
            self.losses[f"{gradient.seconds}s {name}"].append(value)

    def show(self, run: Run, speed: float) -> None:
        names = [name for name in self.losses if name.split("s ")[0] in SHOWN]
        losses = ", ".join(f"{n} {np.mean(self.losses[n]):.3f}" for n in names)
        print(f"{run.step} {losses}, {speed:.0f}x real time", flush=True)


def follow(run: Run, gradients: "multiprocessing.Queue[Gradient]") -> None:
    report, heard = Report(), 0.0
    saved = began = time.monotonic()
    while run.step < run.steps:
        gradient = gradients.get()
        run.learn(gradient.values)
        report.add(gradient)
        now = time.monotonic()
        heard += gradient.seconds * gradient.windows
        if run.step % 25 == 0:
            report.show(run, heard / (now - began))
        if now - saved > SAVE_SECONDS:
            run.save()
            saved = now
    run.save()


def train(run: Run, workers: int, work: Callable[..., None], *given: object) -> None:
    """Step on what ``work(model, *given, seed, gradients)`` computes in its processes."""
    run.model.share_memory()
    context = multiprocessing.get_context("spawn")
    gradients = context.Queue(maxsize=workers)
    seed = int(time.time())
    processes = [
        context.Process(
            target=work, args=(run.model, *given, seed + i, gradients), daemon=True
        )
        for i in range(workers)
    ]
    for process in processes:
        process.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    try:
        follow(run, gradients)
    finally:
        for process in processes:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--decoder-only", action="store_true")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--weights", type=Path)
    start.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = Whisper(layout().size)
    if options.weights:
        model.load_state_dict(weights(options.weights))
    if options.decoder_only:
        model.encoder.requires_grad_(False)
    run = Run(model, options.run, options.steps, options.rate)
    if options.resume:
        run.resume()
    train(run, options.workers, compute, options.corpora)


if __name__ == "__main__":
    main()
