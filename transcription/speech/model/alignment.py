"""From the decoder's cross-attention to words with times."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from faster_whisper.tokenizer import Tokenizer

from transcription.speech.audio.features import FRAMES_PER_SECOND
from transcription.speech.engine.captions import Word

_SECONDS_PER_STEP = 2 / FRAMES_PER_SECOND  # s that one encoder output stands for


def timed_words(tokenizer: Tokenizer, ids: list[int], aligned: Any) -> tuple[Word, ...]:
    """The words of one alignment, which is a path of (token, encoder step) pairs."""
    if not ids:
        return ()
    texts, groups = tokenizer.split_to_word_tokens([*ids, tokenizer.eot])
    tokens, steps = (np.array(side) for side in zip(*aligned.alignments, strict=True))
    arrivals = steps[np.pad(np.diff(tokens), (1, 0), constant_values=1).astype(bool)]
    times = arrivals * _SECONDS_PER_STEP
    bounds = np.cumsum([0] + [len(group) for group in groups[:-1]])
    sure = aligned.text_token_probs
    words = [
        Word(text, float(times[a]), float(times[b]), float(np.mean(sure[a:b])))
        for text, a, b in zip(texts, bounds[:-1], bounds[1:], strict=False)
        if "\ufffd" not in text
    ]
    return tuple(_with_punctuation(words))


def _with_punctuation(words: Sequence[Word]) -> Iterator[Word]:
    """Words with the marks that belong to them; marks have no sound of their own."""
    whole: Word | None = None
    for word in words:
        if whole and not any(character.isalnum() for character in word.text):
            whole = replace(whole, text=whole.text + word.text.strip())
            continue
        if whole:
            yield whole
        whole = replace(word, text=word.text.strip())
    if whole:
        yield whole
