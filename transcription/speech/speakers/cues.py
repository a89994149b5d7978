"""What a transcript beside a recording says: who spoke when, and by which words."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_BYTES = 10 * 2**20  # a day of speech as subtitles is about 3 MB
MOST_CUES = 50_000
MOST_TEXT = 5_000_000  # letters in all
MOST_NAME = 70
LONGEST_MS = 48 * 3_600_000  # what says that it is later lies
MS_PER_WORD = 400  # where a transcript does not say how long something took


class UnreadableTranscript(Exception):
    """A file that is no transcript with names; the message completes a sentence that
    begins with the name of the file."""


class SpokenCue(NamedTuple):
    start_ms: int
    end_ms: int
    name: str  # empty: the transcript does not say
    text: str


@dataclass(frozen=True)
class NamedTranscript:
    """Cues by their beginning, on the transcript's own clock; ``sides`` of those of
    whom it says "us" or "them"."""

    cues: tuple[SpokenCue, ...]
    sides: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """In order of their first words."""
        return list(dict.fromkeys(cue.name for cue in self.cues if cue.name))

    @property
    def end_ms(self) -> int:
        return max(cue.end_ms for cue in self.cues)


def transcript(
    cues: Iterable[SpokenCue], sides: Mapping[str, str] | None = None
) -> NamedTranscript:
    """Cues as they were read, made good. Raises UnreadableTranscript."""
    found = [_sound(cue) for cue in cues]
    kept = sorted((c for c in found if c.name or c.text), key=lambda cue: cue.start_ms)
    if not kept:
        raise UnreadableTranscript("is no transcript that can be read.")
    if len(kept) > MOST_CUES or sum(len(cue.text) for cue in kept) > MOST_TEXT:
        raise UnreadableTranscript("is longer than any call.")
    if not any(cue.name for cue in kept):
        raise UnreadableTranscript("does not say who speaks.")
    return NamedTranscript(tuple(kept), sides or {})


def _sound(cue: SpokenCue) -> SpokenCue:
    start = min(max(0, cue.start_ms), LONGEST_MS)
    end = min(max(start, cue.end_ms), LONGEST_MS)
    return SpokenCue(start, end, shown(cue.name), " ".join(cue.text.split()))


def shown(name: str) -> str:
    """A name on one line, without marks that turn text around or hide in it."""
    kept = "".join(_letter(letter) for letter in name)
    return " ".join(kept.split())[:MOST_NAME].strip()


def _letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in ("Cc", "Zl", "Zp", "Cs", "Co", "Cn"):
        return " "
    joiner = letter in "\u200c\u200d"
    return "" if category == "Cf" and not joiner else letter
