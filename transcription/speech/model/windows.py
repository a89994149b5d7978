"""What a decode hears, how it looks for the text, and what it says."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from transcription.speech.audio.features import FRAMES_PER_SECOND
from transcription.speech.audio.sound import Floats
from transcription.speech.engine.captions import Word

_HYPOTHESES = 5  # of which a drawn lot takes the best, as in OpenAI's code


@dataclass(frozen=True)
class Window:
    """What one decode hears: ``mel`` [mels, T], of which ``frames`` hold sound.

    Without a language it is detected, among ``allowed`` codes when there are any.
    ``previous`` is text that the model takes as said before; its last CONTEXT tokens
    count. ``voiced`` are the seconds of speech in it, 0 when nobody knows.
    """

    mel: Floats
    frames: int
    language: str | None = None
    allowed: tuple[str, ...] = ()
    word_times: bool = False
    previous: str = ""
    voiced: float = 0.0

    @property
    def seconds(self) -> float:
        """How much sound it holds."""
        return self.frames / FRAMES_PER_SECOND

    def lengthened(self, frames: int) -> "Window":
        """The same sound before more silence: as quiet as the window's own end."""
        room, quiet = frames - self.mel.shape[1], self.mel.min()
        mel = np.pad(self.mel, ((0, 0), (0, room)), constant_values=quiet)
        return replace(self, mel=np.ascontiguousarray(mel, np.float32))


@dataclass(frozen=True)
class Decoded:
    """What a window says; word times in seconds from the window's start.

    ``languages`` holds the detection's votes when the language was not given.
    """

    text: str
    language: str
    confidence: float  # geometric mean of the token probabilities
    no_speech: float  # Whisper's own probability that nothing was said
    words: tuple[Word, ...] = ()
    languages: tuple[tuple[str, float], ...] = ()
    model: str = ""  # which one wrote it, with its revision


@dataclass(frozen=True)
class Search:
    """How the decoder looks for the text: greedy, with a beam, or by drawing lots."""

    beam: int = 1
    temperature: float = 0.0  # above 0: the best of _HYPOTHESES that are drawn
    no_repeat: int = 0  # tokens of which no sequence may stand there twice

    def options(self) -> dict[str, Any]:
        """Arguments of ``generate``."""
        if self.temperature:
            return {
                "beam_size": 1,
                "num_hypotheses": _HYPOTHESES,
                "sampling_topk": 0,
                "sampling_temperature": self.temperature,
            }
        return {
            "beam_size": self.beam,
            "no_repeat_ngram_size": self.no_repeat,
        }
