"""Text without sound: words where the VAD heard no speech were invented."""

from itertools import groupby

from transcription.speech.captions import Removal, Word
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.taken import Span, cut, word_spans

MARGIN = 0.5  # s that a word may lie beside speech: word times are that coarse
LEAST = 0.1  # s of speech without which nothing was said


def remove_unvoiced(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Take out the whole text without speech, or single words far from speech."""
    if draft.text and evidence.speech_seconds < LEAST:
        removal = _removal(draft.text, evidence.start, evidence.end, evidence)
        return Cleaned("", (), (removal,))
    placed = [
        (word, place)
        for word, place in zip(draft.words, word_spans(draft), strict=True)
        if place[1] > 0
    ]
    spans, removals = list[Span](), list[Removal]()
    for voiced, run in groupby(placed, lambda entry: _voiced(entry[0], evidence)):
        if not voiced:
            words, places = zip(*run, strict=True)
            span = places[0][0], places[-1][1]
            raw = draft.text[span[0] : span[1]]
            spans.append(span)
            removals.append(_removal(raw, words[0].start, words[-1].end, evidence))
    left = cut(draft, spans)
    return Cleaned(left.text, left.words, tuple(removals))


def _voiced(word: Word, evidence: Evidence) -> bool:
    return any(
        word.end > start - MARGIN and word.start < end + MARGIN
        for start, end in evidence.voiced
    )


def _removal(raw: str, start: float, end: float, evidence: Evidence) -> Removal:
    told = {
        "speech_seconds": round(evidence.speech_seconds, 2),
        "no_speech": round(evidence.no_speech, 3),
    }
    return Removal(raw, "no speech", start, end, told)
