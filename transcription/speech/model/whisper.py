"""One Whisper on CTranslate2, driven directly: short windows in batches.

faster-whisper's ``transcribe()`` pads every window to 30 s; the encoder takes any
length, and a window of 4 s costs a tenth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import exp
from operator import is_not
from pathlib import Path
from threading import local
from typing import Any, Self

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer

from transcription.speech.audio.features import (
    BUCKETS,
    MelBank,
    bucket,
)
from transcription.speech.engine.captions import Word
from transcription.speech.model import catalogue
from transcription.speech.model.alignment import timed_words
from transcription.speech.model.priority import behind_others
from transcription.speech.model.tries import Tries
from transcription.speech.model.windows import Decoded, Search, Window

LANGUAGES = frozenset(_LANGUAGE_CODES)  # the codes that Whisper was trained with
LEARNED = 500  # frames: a model that reads shorter windows has learned on such
HALF = 1500  # frames, in which base and tiny.en write what they do in 3000
CONTEXT = 223  # tokens of previous text, as in OpenAI's code: under half the positions

_POSITIONS = 448  # of Whisper's decoder: prompt and text
_TOKENS = 12  # that a window may always have
_TOKENS_PER_SECOND = 7  # fast speech has 4 words, a word 1.5 tokens


class Whisper:
    """A loaded model; ``workers`` calls at a time."""

    def __init__(
        self,
        model: Any,
        tokenizer: tokenizers.Tokenizer,
        name: str,
        threads: int,
        workers: int = 1,
    ) -> None:
        self.name = name
        self.revision = ""  # of its weights: two models of one name differ by it
        self.threads = threads  # of the CPU that a call may use
        self.workers = workers
        self.shortest = BUCKETS[0]  # frames that an input has at least
        self.device: str = model.device
        self.compute_type: str = model.compute_type
        self.bank = MelBank(model.n_mels)
        self.multilingual: bool = model.is_multilingual
        self._model = model
        self._tokenizer = tokenizer
        self._tokenizers: dict[str, Tokenizer] = {}
        self._last = local()  # what a thread had encoded last

    @classmethod
    def load(
        cls,
        folder: Path,
        device: str,
        compute_type: str,
        cpu_threads: int,
        workers: int = 1,
        gives_way: bool = False,
    ) -> Self:
        """Load a checked folder. Raises RuntimeError when CTranslate2 cannot."""
        build = partial(
            ctranslate2.models.Whisper,
            str(folder),
            device=device,
            compute_type=compute_type,
            intra_threads=cpu_threads,
            inter_threads=workers,
        )
        model = behind_others(build) if gives_way else build()
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        loaded = cls(model, tokenizer, folder.name, cpu_threads, workers)
        loaded.revision = catalogue.revision(folder)
        return loaded

    @property
    def label(self) -> str:
        """Name and revision, as lines keep them."""
        return f"{self.name[:80]} {self.revision}".strip()

    def bucket(self, frames: int) -> int:
        """The encoder length of a call for so many frames."""
        return bucket(frames, self.shortest)

    @property
    def is_long_sighted(self) -> bool:
        """Whether it learned on 30 s only: in a recording, it is right more often the
        more of it an input holds."""
        return self.shortest > LEARNED

    @property
    def shortest_recorded(self) -> int:
        """Frames that an input of recorded sound has at least."""
        return max(self.shortest, HALF) if self.is_long_sighted else self.shortest

    def write(self, window: Window) -> Decoded:
        """Greedy search, without any guard."""
        return self._decode([window], Search())[0]

    def decode(self, windows: Sequence[Window], beam: int = 1) -> list[Decoded]:
        """Write down a batch of windows of equal T; same result as one by one.

        What repeats itself is read again in longer windows, and with a ``beam`` above
        1, which is for recordings, at rising temperatures as well, as is what the
        decoder was not sure of: what comes out best counts.
        Raises ValueError when their previous texts are not equally long.
        """
        lines = Tries(self._decode, beam).best(windows)
        return [replace(line, model=self.label) for line in lines]

    def _decode(self, windows: Sequence[Window], search: Search) -> list[Decoded]:
        windows = [self._understood(window) for window in windows]
        encoded = self._encode(windows)
        votes = self._votes(encoded, windows)
        line_tokenizers = [
            self._tokenizer_for(window.language or vote[0][0])
            for window, vote in zip(windows, votes, strict=True)
        ]
        prompts = [
            _prompt(tokenizer, window.previous)
            for tokenizer, window in zip(line_tokenizers, windows, strict=True)
        ]
        results = self._model.generate(
            encoded,
            prompts,
            max_length=_max_length(windows, len(prompts[0])),
            return_scores=True,
            return_no_speech_prob=True,
            **search.options(),
        )
        lines = [
            _decoded(tokenizer, result, vote)
            for tokenizer, result, vote in zip(
                line_tokenizers, results, votes, strict=True
            )
        ]
        tokens = [
            _text_tokens(result, line_tokenizers[0].eot) if line.text else []
            for line, result in zip(lines, results, strict=True)
        ]
        for index, words in self._word_times(encoded, windows, line_tokenizers, tokens):
            lines[index] = replace(lines[index], words=words)
        return lines

    def _votes(
        self, encoded: Any, windows: Sequence[Window]
    ) -> list[tuple[tuple[str, float], ...]]:
        """The likeliest languages of the windows that have none, likeliest first."""
        if not self.multilingual:
            return [(("en", 1.0),)] * len(windows)
        if all(window.language for window in windows):
            return [()] * len(windows)
        detected = self._model.detect_language(encoded)
        return [
            () if window.language else _among(window.allowed, votes)
            for window, votes in zip(windows, detected, strict=True)
        ]

    def knows(self, language: str) -> bool:
        """Whether the model learned a language: not all learned all LANGUAGES."""
        token = self._tokenizer.token_to_id(f"<|{language}|>")
        return token is not None or not self.multilingual

    def _understood(self, window: Window) -> Window:
        """A window whose language is left to detection when the model lacks it."""
        if window.language is None or self.knows(window.language):
            return window
        return replace(window, language=None)

    def _tokenizer_for(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._tokenizer, self.multilingual, "transcribe", language
            )
        return self._tokenizers[language]

    def _word_times(
        self,
        encoded: Any,
        windows: Sequence[Window],
        line_tokenizers: Sequence[Tokenizer],
        tokens: Sequence[list[int]],
    ) -> Iterator[tuple[int, tuple[Word, ...]]]:
        """Word times by cross-attention for the windows that ask for them, by index.

        ``align`` takes one language per call and every item of the encoder's output.
        """
        asked = [
            i for i, window in enumerate(windows) if window.word_times and tokens[i]
        ]
        for language in sorted({line_tokenizers[i].language_code for i in asked}):
            group = [i for i in asked if line_tokenizers[i].language_code == language]
            chosen = [windows[i] for i in group]
            aligned = self._model.align(
                encoded if len(group) == len(windows) else self._encode(chosen),
                line_tokenizers[group[0]].sot_sequence,
                [tokens[i] for i in group],
                [window.frames for window in chosen],
            )
            for i, result in zip(group, aligned, strict=True):
                yield i, timed_words(line_tokenizers[i], tokens[i], result)

    def _encode(self, windows: Sequence[Window]) -> Any:
        """The encoder's output; once for further searches in the same windows."""
        mels = [window.mel for window in windows]
        before, encoded = getattr(self._last, "encoded", ([], None))
        if len(mels) != len(before) or any(map(is_not, mels, before)):
            sound = ctranslate2.StorageView.from_array(np.stack(mels))
            encoded = self._model.encode(sound)
            self._last.encoded = mels, encoded
        return encoded


def _prompt(tokenizer: Tokenizer, previous: str) -> list[int]:
    """The tokens that a window's text follows."""
    start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    if not previous:
        return start
    # whatever is written in a prompt, it is text: no token that steers the model
    text = [
        token for token in tokenizer.encode(f" {previous}") if token < tokenizer.eot
    ]
    return [tokenizer.sot_prev, *text[-CONTEXT:], *start]


def _max_length(windows: Sequence[Window], prompt: int) -> int:
    """Room for what can be said in the windows, so that a loop costs little.

    CTranslate2 gives the text half of this, and what a prompt of so many tokens leaves.
    """
    longest = max(window.voiced or window.seconds for window in windows)
    wanted = min(int(_TOKENS + _TOKENS_PER_SECOND * longest), _POSITIONS // 2)
    return min(max(2 * wanted, wanted + prompt), _POSITIONS)


def _text_tokens(result: Any, end: int) -> list[int]:
    return [token for token in result.sequences_ids[0] if token < end]


def _confidence(result: Any) -> float:
    length = len(result.sequences_ids[0])
    return exp(result.scores[0] * length / (length + 1))


def _whole(text: str) -> str:
    """Text without a character whose bytes were cut off; none where no word is."""
    text = text.rstrip("\ufffd").strip()
    return text if any(character.isalnum() for character in text) else ""


def _among(
    allowed: Sequence[str], votes: Sequence[tuple[str, float]]
) -> tuple[tuple[str, float], ...]:
    codes = [(token.strip("<|>"), probability) for token, probability in votes]
    chosen = [vote for vote in codes if not allowed or vote[0] in allowed]
    return tuple((chosen or codes)[:5])


def _decoded(
    tokenizer: Tokenizer, result: Any, votes: tuple[tuple[str, float], ...]
) -> Decoded:
    return Decoded(
        text=_whole(tokenizer.decode(_text_tokens(result, tokenizer.eot))),
        language=tokenizer.language_code,
        confidence=_confidence(result),
        no_speech=result.no_speech_prob,
        languages=votes,
    )
