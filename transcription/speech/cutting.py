"""Where a long utterance is cut: between two words, at the quietest of such places."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from transcription.speech.captions import Word
from transcription.speech.sound import SAMPLE_RATE
from transcription.speech.talk import Talk
from transcription.speech.track import Track
from transcription.speech.whisper import Decoded

_SETTLED = 0.6  # s before the newest sound: words after that may still change
_EARLIEST = 0.4  # share of the utterance that the first part has at least
_COARSE = 0.15  # s by which word times may be wrong


class Cut(NamedTuple):
    """The sample to cut at, and how many words lie before it."""

    at: int
    words: int


def place(track: Track, talk: Talk, words: Sequence[Word], end: int) -> Cut | None:
    """The best place to cut; none while it is better to wait for one."""
    low = talk.start + int(_EARLIEST * (end - talk.start))
    high = end - int(_SETTLED * SAMPLE_RATE)
    cuts = []
    for count in range(1, len(words)):
        between = (words[count - 1].end + words[count].start) / 2
        sample = talk.start + int(between * SAMPLE_RATE)
        if low <= sample <= high:
            near = track.quietest(sample, int(_COARSE * SAMPLE_RATE))
            cuts.append(Cut(near, count))
    if cuts:
        return min(cuts, key=lambda cut: track.loudness(cut.at))
    return Cut(end, len(words)) if end >= track.limit(talk) else None


def divide(line: Decoded, count: int) -> tuple[Decoded, Decoded]:
    """A decode as two, the first with so many words."""
    first, rest = line.words[:count], line.words[count:]
    return (
        replace(line, text=" ".join(word.text for word in first), words=first),
        replace(line, text=" ".join(word.text for word in rest), words=()),
    )
