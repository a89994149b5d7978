"""Where a long utterance is cut: between two words, at the quietest of such places."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from transcription.speech.captions import Word
from transcription.speech.features import HOP
from transcription.speech.filters.draft import Draft
from transcription.speech.filters.taken import word_spans
from transcription.speech.sound import SAMPLE_RATE
from transcription.speech.talk import Talk
from transcription.speech.track import Track
from transcription.speech.whisper import Decoded

_SETTLED = 0.6  # s before the newest sound: words after that may still change
_EARLIEST = 0.4  # share of the utterance that the first part has at least
_COARSE = 0.15  # s by which word times may be wrong
_LEAST = 1.0  # s that a part has at least
_KEPT = 2.0  # s that a window keeps when it slides: the context of what is new
_CHOICE = 1.5  # s before that, in which the quietest place is looked for


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
        sample = _sample(talk, (words[count - 1].end + words[count].start) / 2)
        if low <= sample <= high:
            cuts.append(Cut(_quietest_near(track, sample), count))
    if cuts:
        return min(cuts, key=lambda cut: track.loudness(cut.at))
    return (
        _anywhere(track, talk, words, low, high) if end >= track.limit(talk) else None
    )


def settle(
    track: Track, talk: Talk, line: Decoded, end: int
) -> tuple[int, Decoded] | None:
    """Where the window may begin from now on, and what was said before that.

    Words that ended _KEPT before ``end`` do not change any more, whatever follows;
    decoding them again and again is what makes a long utterance late.
    """
    low, high = talk.base + SAMPLE_RATE // 2, end - int(_KEPT * SAMPLE_RATE)
    words, before = line.words, len(talk.said.words) if talk.said else 0
    cuts = []
    for count in range(before + 1, len(words)):
        sample = _sample(talk, (words[count - 1].end + words[count].start) / 2)
        if low <= sample <= high:
            cuts.append(Cut(_quietest_near(track, sample), count))
    late = [cut for cut in cuts if cut.at > high - int(_CHOICE * SAMPLE_RATE)]
    if not cuts:
        return None
    cut = min(late or cuts[-1:], key=lambda cut: track.loudness(cut.at))
    return cut.at // HOP * HOP, divide(line, cut.words)[0]


def joined(said: Decoded | None, line: Decoded, offset: float) -> Decoded:
    """The whole line: what is settled and the window's, which is ``offset`` s later."""
    if not offset:
        return line
    words = tuple(
        replace(word, start=word.start + offset, end=word.end + offset)
        for word in line.words
    )
    if said is None:
        return replace(line, words=words)
    return replace(
        line,
        text=f"{said.text} {line.text}".strip(),
        words=said.words + words,
        confidence=min(said.confidence, line.confidence),
        no_speech=min(said.no_speech, line.no_speech),
    )


def _anywhere(
    track: Track, talk: Talk, words: Sequence[Word], low: int, high: int
) -> Cut:
    """A cut where there is no good place, because it is overdue.

    A decoder that stopped early is asked again about what comes after its last word.
    """
    if words:
        last = _sample(talk, words[-1].end)
        if talk.start + int(_LEAST * SAMPLE_RATE) <= last <= high:
            return Cut(_quietest_near(track, last), len(words))
    at = track.quietest((low + high) // 2, (high - low) // 2)
    before = [word for word in words if _sample(talk, word.end) <= at]
    return Cut(at, len(before))


def _sample(talk: Talk, seconds: float) -> int:
    return talk.start + int(seconds * SAMPLE_RATE)


def _quietest_near(track: Track, sample: int) -> int:
    return track.quietest(sample, int(_COARSE * SAMPLE_RATE))


def divide(line: Decoded, count: int) -> tuple[Decoded, Decoded]:
    """A decode as two, the first with so many words; the text stays as written."""
    places = word_spans(Draft(line.text, line.words))
    at = max((end for _, end in places[:count]), default=0)
    if count == len(places):
        at = len(line.text)
    return (
        replace(line, text=line.text[:at].strip(), words=line.words[:count]),
        replace(line, text=line.text[at:].strip(), words=()),
    )
