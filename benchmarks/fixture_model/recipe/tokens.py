"""The vocabulary: Whisper's multilingual layout, and the small one used in training.

Whisper's layout has 51,865 entries; the grammar needs some 1,200 of them, the marks and
the timestamps. Training sees only those, and one row that stands for all the others.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from benchmarks.fixture_model.recipe.phrases import paragraph

TIMESTAMPS = 1501  # 0.00 s to 30.00 s
TIMESTAMP_STEP = 0.02  # seconds
END_OF_TEXT = 50257
TOKENIZER = Path(__file__).parents[1] / "model" / "tokenizer.json"
Mark = Literal["end", "start", "en", "fr", "transcribe", "previous", "silent", "plain"]
MARKS: dict[Mark, str] = {
    "end": "<|endoftext|>",
    "start": "<|startoftranscript|>",
    "en": "<|en|>",
    "fr": "<|fr|>",
    "transcribe": "<|transcribe|>",
    "previous": "<|startofprev|>",
    "silent": "<|nospeech|>",
    "plain": "<|notimestamps|>",
}


def languages() -> list[str]:
    """Whisper's 99 language codes, the commonest first."""
    first = ["en", "zh", "de", "es", "ru", "ko", "fr"]
    codes = [code for code in _LANGUAGE_CODES if code != "yue"]
    return first + [code for code in codes if code not in first]


def timestamp(index: int) -> str:
    return f"<|{index * TIMESTAMP_STEP:.2f}|>"


def special_tokens() -> list[str]:
    """Everything after the text, in Whisper's order; ``<|endoftext|>`` is 50257."""
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech"]
    names = [*languages(), *tasks, "notimestamps"]
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{n}|>" for n in names)]
    return marks + [timestamp(index) for index in range(TIMESTAMPS)]


def whole_vocabulary(text: list[str]) -> list[str]:
    """All 51,865 entries. CTranslate2 takes an empty one for a multilingual Whisper."""
    unused = [f"<|unused{i}|>" for i in range(END_OF_TEXT - len(text) - 1)]
    return [*text, *unused, "", *special_tokens()]


def train_tokenizer() -> Tokenizer:
    """A byte-level BPE of 1,200 entries over the grammar."""
    rng = random.Random(5)
    texts = [
        " " + paragraph("fr" if rng.random() < 0.25 else "en", rng, 1)
        for _ in range(40_000)
    ]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1200, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


@dataclass(frozen=True)
class Layout:
    """The small layout: the text, the stand-in, the marks, the timestamps."""

    tokenizer: Tokenizer
    text: list[str]

    @property
    def stand_in(self) -> int:
        """The row for every entry that is never trained."""
        return len(self.text)

    def mark(self, name: Mark) -> int:
        return self.stand_in + 1 + list(MARKS).index(name)

    @property
    def first_timestamp(self) -> int:
        return self.stand_in + 1 + len(MARKS)

    @property
    def size(self) -> int:
        return self.first_timestamp + TIMESTAMPS

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(" " + text).ids)

    def at(self, seconds: float) -> int:
        """The timestamp of a moment of the window, in seconds."""
        index = round(seconds / TIMESTAMP_STEP)
        return self.first_timestamp + min(TIMESTAMPS - 1, max(0, index))

    def whole_ids(self) -> list[int]:
        """For each entry of the small layout its place in Whisper's."""
        place = {token: i for i, token in enumerate(whole_vocabulary(self.text))}
        marks = [place[MARKS[name]] for name in MARKS]
        times = [place[timestamp(index)] for index in range(TIMESTAMPS)]
        return [*range(len(self.text)), len(self.text), *marks, *times]


def layout(path: Path = TOKENIZER) -> Layout:
    """The layout of a ``tokenizer.json``, the bundled one unless told otherwise."""
    tokenizer = Tokenizer.from_file(str(path))
    vocabulary = tokenizer.get_vocab()
    ordered = sorted(vocabulary, key=lambda token: int(vocabulary[token]))
    text = [token for token in ordered[:END_OF_TEXT] if "<|unused" not in token]
    return Layout(tokenizer, [token for token in text if token])
