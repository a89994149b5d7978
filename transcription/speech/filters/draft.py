"""What the filters work on."""

from dataclasses import dataclass

from transcription.speech.engine.captions import FilteredText, Word
from transcription.speech.filters.bag import Bag


@dataclass(frozen=True)
class Draft:
    """Text as decoded; ``words`` only when their times are known."""

    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What the sound says about a draft; times in seconds on the stream's clock.

    ``voiced`` are the spans in which the VAD heard speech, in order.
    """

    start: float
    end: float
    voiced: tuple[tuple[float, float], ...]
    no_speech: float = 0.0
    confidence: float = 1.0

    @property
    def speech_seconds(self) -> float:
        """How much speech the VAD heard."""
        return sum(end - start for start, end in self.voiced)


@dataclass(frozen=True)
class Rules:
    """What a site allows and asks for, in one language."""

    language: str = ""
    scripts: tuple[str, ...] = ()  # names of filters.scripts.SCRIPTS; none: any
    bag: Bag = Bag()
    prompt: str = ""  # context that the model is given
    vocabulary: tuple[str, ...] = ()  # names and terms, likewise
    weak_speech: float = 0.3  # s of voice below which the sound speaks against a text
    weak_probability: float = 0.5  # mean word probability, likewise
    weak_no_speech: float = 0.3  # no-speech probability above which it does
    version: int = 0  # of all that is tuned


@dataclass(frozen=True)
class Cleaned:
    """What is left, and what was taken out."""

    text: str
    words: tuple[Word, ...] = ()
    removals: tuple[FilteredText, ...] = ()
