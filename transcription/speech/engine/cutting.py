"""Where a long utterance is cut: between two words, at the quietest of such places."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from transcription.speech.audio.features import HOP
from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine.captions import Word, reach, units
from transcription.speech.engine.open_utterance import OpenUtterance, Settled
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.filters.draft import Draft
from transcription.speech.filters.taken import word_spans
from transcription.speech.model.windows import Decoded

_SETTLED = 0.6  # s before the newest sound: words after that may still change
_EARLIEST = 0.4  # share of the utterance that the first part has at least
_COARSE = 0.15  # s by which word times may be wrong
_LEAST = 1.0  # s that a part has at least
_KEPT = 2.0  # s that a window keeps when it slides: the context of what is new
_CHOICE = 1.5  # s before that, in which the quietest place is looked for
_OVERLAP = 0.7  # s of settled words that the window still holds: a word at its edge is
# half heard, and what follows is heard wrong without the words before it


class Cut(NamedTuple):
    """The sample to cut at, and how many words lie before it."""

    at: int
    words: int


def place(
    track: VoiceTrack, utterance: OpenUtterance, words: Sequence[Word], end: int
) -> Cut | None:
    """The best place to cut; none while it is better to wait for one."""
    low = utterance.start + int(_EARLIEST * (end - utterance.start))
    high = end - int(_SETTLED * SAMPLE_RATE)
    cuts = []
    for count in range(1, len(words)):
        sample = _sample(utterance, (words[count - 1].end + words[count].start) / 2)
        if low <= sample <= high:
            cuts.append(Cut(_quietest_near(track, sample), count))
    if cuts:
        return min(cuts, key=lambda cut: track.loudness(cut.at))
    return (
        _anywhere(track, utterance, words, low, high)
        if end >= track.limit(utterance)
        else None
    )


def settle(
    track: VoiceTrack, utterance: OpenUtterance, line: Decoded, end: int
) -> Settled | None:
    """Where the window may begin from now on, and what is settled.

    Words that ended _KEPT before ``end`` do not change any more, whatever follows;
    decoding them again and again is what makes a long utterance late.
    """
    low, high = utterance.base + SAMPLE_RATE // 2, end - int(_KEPT * SAMPLE_RATE)
    before = len(utterance.settled.said.words) if utterance.settled else 0
    places = _places(track, utterance, line.words)
    cuts = [cut for cut in places if cut.words > before and low <= cut.at <= high]
    if not cuts:
        return None
    cut = _quietest(track, cuts, high - int(_CHOICE * SAMPLE_RATE))
    near = cut.at - int(_OVERLAP * SAMPLE_RATE)
    starts = [place for place in places if utterance.base < place.at <= near]
    if not starts:
        return None
    start = _quietest(track, starts, near - int(_CHOICE / 2 * SAMPLE_RATE))
    said, _ = divide(line, cut.words)
    until = (cut.at - utterance.start) / SAMPLE_RATE
    return Settled(start.at // HOP * HOP, said, until, cut.words - start.words)


def _places(
    track: VoiceTrack, utterance: OpenUtterance, words: Sequence[Word]
) -> list[Cut]:
    """Between which words a line could be cut."""
    return [
        Cut(
            _quietest_near(track, _sample(utterance, (one.end + next_.start) / 2)),
            count,
        )
        for count, (one, next_) in enumerate(pairwise(words), 1)
    ]


def _quietest(track: VoiceTrack, cuts: Sequence[Cut], since: int) -> Cut:
    """The best of the places after a sample, or the last one before it."""
    late = [cut for cut in cuts if cut.at > since]
    return min(late or cuts[-1:], key=lambda cut: track.loudness(cut.at))


def whole(settled: Settled | None, line: Decoded, start: int) -> Decoded:
    """A window's text as the whole line of an utterance that begins at a sample."""
    if settled is None:
        return line
    line = later(line, (settled.base - start) / SAMPLE_RATE)
    return joined(settled.said, _after(settled, line))


def later(line: Decoded, seconds: float) -> Decoded:
    """A line whose word times count from an earlier moment."""
    words = (
        replace(word, start=word.start + seconds, end=word.end + seconds)
        for word in line.words
    )
    return replace(line, words=tuple(words))


def joined(said: Decoded, line: Decoded) -> Decoded:
    """Two decodes as one line; word times have the same origin."""
    return replace(
        line,
        text=f"{said.text} {line.text}".strip(),
        words=said.words + line.words,
        confidence=min(said.confidence, line.confidence),
        no_speech=min(said.no_speech, line.no_speech),
    )


def _after(settled: Settled, line: Decoded) -> Decoded:
    """What a window says after the settled words that it begins with.

    Those are found by what they say: near where they end, if the line has word times,
    else near their number.
    """
    known = units(settled.said.text)[-settled.overlap :]
    written, count = units(line.text), settled.overlap
    spans = word_spans(Draft(line.text, line.words))
    if line.words:
        ends = [
            end
            for word, (_, end) in zip(line.words, spans, strict=True)
            if (word.start + word.end) / 2 < settled.until
        ]
        count = len(units(line.text[: max(ends, default=0)]))
    at = len("".join(written[: reach(known, written, count)]))
    words = [
        word for word, (start, _) in zip(line.words, spans, strict=True) if start >= at
    ]
    return replace(line, text=line.text[at:].strip(), words=tuple(words))


def _anywhere(
    track: VoiceTrack,
    utterance: OpenUtterance,
    words: Sequence[Word],
    low: int,
    high: int,
) -> Cut:
    """A cut where there is no good place, because it is overdue.

    A decoder that stopped early is asked again about what comes after its last word.
    """
    if words:
        last = _sample(utterance, words[-1].end)
        if utterance.start + int(_LEAST * SAMPLE_RATE) <= last <= high:
            return Cut(_quietest_near(track, last), len(words))
    at = track.quietest((low + high) // 2, (high - low) // 2)
    before = [word for word in words if _sample(utterance, word.end) <= at]
    return Cut(at, len(before))


def _sample(utterance: OpenUtterance, seconds: float) -> int:
    return utterance.start + int(seconds * SAMPLE_RATE)


def _quietest_near(track: VoiceTrack, sample: int) -> int:
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
