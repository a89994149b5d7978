"""Text without sound: words where the VAD heard no speech were invented."""

from collections.abc import Iterator
from itertools import groupby

from transcription.speech.engine.captions import Word
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.taken import Span, take_out, word_spans

MARGIN = 0.5  # s that a word may lie beside speech: word times are that coarse
LEAST = 0.1  # s of speech without which nothing was said
FASTEST = 7.0  # words per second of speech: nobody says more
ALLOWED = 2  # words beyond that: the VAD may miss a short one


def remove_unvoiced(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Take out the whole text without speech, or with more words than the speech has
    room for, or single words far from speech."""
    if draft.text and _impossible(draft, evidence):
        spans = [(0, len(draft.text))]
    else:
        spans = list(_unvoiced(draft, evidence))
    return take_out(draft, spans, "no speech", evidence, rules)


def _impossible(draft: Draft, evidence: Evidence) -> bool:
    voice = evidence.speech_seconds
    return voice < LEAST or len(draft.text.split()) > FASTEST * voice + ALLOWED


def _unvoiced(draft: Draft, evidence: Evidence) -> Iterator[Span]:
    """The stretches of neighbouring words without voice."""
    placed = [
        (word, place)
        for word, place in zip(draft.words, word_spans(draft), strict=True)
        if place[1] > 0
    ]
    for voiced, run in groupby(placed, lambda entry: _voiced(entry[0], evidence)):
        if not voiced:
            places = [place for _, place in run]
            yield places[0][0], places[-1][1]


def _voiced(word: Word, evidence: Evidence) -> bool:
    return any(
        word.end > start - MARGIN and word.start < end + MARGIN
        for start, end in evidence.voiced
    )
