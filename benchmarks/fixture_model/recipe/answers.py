"""Training windows as text: what the decoder should write for a window.

With or without timestamps, after previous text or without. Where the end of a 30 s
window cuts a sentence, only the start of that sentence is written with timestamps, as
Whisper does, so that the next window begins there; otherwise the words heard so far.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.fixture_model.recipe.calls import LONGEST, Part, Window
from benchmarks.fixture_model.recipe.phrases import Language, sentence
from benchmarks.fixture_model.recipe.tokens import Layout

PROMPTED_SHARE = 0.35  # of the batches; a whole batch, because prompts are long
TIMED_SHARE = 0.6
LONGEST_PROMPT = 223  # tokens of previous text that faster-whisper keeps
FIRST_TIMESTAMP = 1.0  # seconds; decoders allow no later one at the start
REACH = 0.4  # seconds around a word where the decoder should listen for it
IGNORED = -100  # PyTorch's mark of a target that costs nothing

Span = tuple[int, int]  # first and last mel frame; (0, 0) for nowhere


@dataclass
class Answer:
    """The decoder's tokens, what should follow each, and where that was heard."""

    tokens: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def add(self, token: int, target: int = IGNORED, span: Span = (0, 0)) -> None:
        self.tokens.append(token)
        self.targets.append(target)
        self.spans.append(span)

    def fill(self, length: int, end: int) -> None:
        while len(self.tokens) < length:
            self.add(end)


class Text(NamedTuple):
    """The answers of a batch, filled up to the longest."""

    tokens: Tensor  # batch, tokens
    targets: Tensor  # batch, tokens
    spans: Tensor  # batch, tokens, 2: first and last mel frame


class Writer:
    """Writes the answers to windows, each time in another way."""

    def __init__(self, words: Layout, seed: int) -> None:
        self.words, self.rng = words, random.Random(seed)

    def write(self, windows: Sequence[Window]) -> Text:
        prompted = self.rng.random() < PROMPTED_SHARE
        answers = [self.answer(window, prompted) for window in windows]
        longest = max(len(answer.tokens) for answer in answers)
        for answer in answers:
            answer.fill(longest, self.words.mark("end"))
        return Text(
            torch.tensor([answer.tokens for answer in answers]),
            torch.tensor([answer.targets for answer in answers]),
            torch.tensor([answer.spans for answer in answers]),
        )

    def answer(self, window: Window, prompted: bool) -> Answer:
        answer, timed = Answer(), self.rng.random() < TIMED_SHARE
        if not window.parts:
            self._stay_silent(answer, window.language, timed)
            return answer
        if prompted:
            self._remember(answer, window)
        self._write(answer, window, timed)
        return answer

    def _remember(self, answer: Answer, window: Window) -> None:
        """The text before: nothing, sentences, or sentences with their times."""
        if self.rng.random() < 0.2:
            tokens = self.words.encode("")
        else:
            tokens = self._earlier(window.language, 18 if window.seconds > 5 else 3)
        answer.add(self.words.mark("previous"))
        for token in tokens[-LONGEST_PROMPT:]:
            answer.add(token)

    def _earlier(self, language: Language, most: int) -> list[int]:
        rng, words, tokens, clock = self.rng, self.words, list[int](), 0.0
        timed = rng.random() < 0.5
        for _ in range(min(most, rng.choice([1, 1, 2, 3, 5, 8, 12, 18]))):
            said = words.encode(sentence(language, rng))
            start, clock = clock, clock % 25 + rng.uniform(0.5, 4)
            tokens += [words.at(start), *said, words.at(clock)] if timed else said
        return tokens

    def _write(self, answer: Answer, window: Window, timed: bool) -> None:
        words = self.words
        language, last = words.mark(window.language), words.mark("transcribe")
        answer.add(words.mark("start"), language)
        answer.add(language)
        if not timed:
            answer.add(last)
            last = words.mark("plain")
        leaves_rest = timed and window.seconds == LONGEST
        for token, span in self._said(window, timed, leaves_rest):
            answer.add(last, token, span)
            last = token
        answer.add(last, words.mark("end"))

    def _stay_silent(self, answer: Answer, language: Language, timed: bool) -> None:
        words = self.words
        answer.add(words.mark("start"), words.mark("silent"))
        answer.add(words.mark(language))
        first = words.at(0) if timed else words.mark("plain")
        answer.add(words.mark("transcribe"), first if timed else IGNORED)
        answer.add(first, words.mark("end"))

    def _said(
        self, window: Window, timed: bool, leaves_rest: bool
    ) -> Iterator[tuple[int, Span]]:
        """Every token to write and where it was heard."""
        words, offset = self.words, window.offset
        early = self.rng.random() < 0.5 and not offset
        for i, part in enumerate(window.parts):
            if timed:
                limit = FIRST_TIMESTAMP if early and not i else part.start
                start = min(part.start, limit) + offset
                yield words.at(start), _span(part.start, part.start)
            if leaves_rest and part.cut and i:
                break
            yield from _spread(words.encode(part.text) if part.text else [], part)
            if timed:
                yield words.at(part.end + offset), _span(part.end, part.end)


def _span(start: float, end: float) -> Span:
    return max(0, round((start - REACH) * 100)), max(1, round((end + REACH) * 100))


def _spread(tokens: list[int], part: Part) -> Iterator[tuple[int, Span]]:
    """Each token with the frames where it was spoken, were all equally long."""
    step = (part.end - part.start) / max(1, len(tokens))
    for i, token in enumerate(tokens):
        start = part.start + i * step
        yield token, _span(start, start + step)
