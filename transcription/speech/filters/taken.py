"""Taking text out of a draft, with the ledger entry that says why."""

from collections.abc import Iterable, Sequence
from typing import Any

from transcription.speech.captions import Removal, Word
from transcription.speech.filters.draft import Cleaned, Draft, Evidence

Span = tuple[int, int]  # first character, one past the last


def take_out(
    draft: Draft,
    spans: Sequence[Span],
    reason: str,
    evidence: Evidence,
    **because: Any,
) -> Cleaned:
    """The draft without ``spans``, and one removal for each."""
    left = cut(draft, spans)
    removals = tuple(
        removal(draft, span, reason, evidence, **because) for span in spans
    )
    return Cleaned(left.text, left.words, removals)


def removal(
    draft: Draft, span: Span, reason: str, evidence: Evidence, **because: Any
) -> Removal:
    """The ledger entry of a stretch of text; its time when word times are known."""
    start, end = times_of(draft, span, (evidence.start, evidence.end))
    told = {
        "speech_seconds": round(evidence.speech_seconds, 2),
        "word_probability": round(evidence.confidence, 3),
        "no_speech": round(evidence.no_speech, 3),
        **because,
    }
    raw = draft.text[span[0] : span[1]].strip()
    return Removal(raw, reason, start, end, told)


def cut(draft: Draft, spans: Sequence[Span]) -> Draft:
    """The draft without the given stretches of its text, and without their words."""
    if not spans:
        return draft
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(draft.text[at:start])
        at = max(at, end)
    text = _tidy(kept + [draft.text[at:]])
    if not any(c.isalnum() for c in text):
        return Draft("", ())
    places = zip(draft.words, word_spans(draft), strict=True)
    words = tuple(word for word, place in places if not _inside(place, spans))
    return Draft(text, words)


def _tidy(pieces: Iterable[str]) -> str:
    """Join what is left: one space where a cut was, no punctuation that hangs over."""
    text = ""
    for piece in pieces:
        fresh = piece if not text else piece.lstrip(" ,.;:!?…、。，！？")
        if not fresh:
            continue
        gap = " " if text and not text.endswith(" ") and piece[:1] in " ,.;:!?" else ""
        text += gap + fresh
    return text.strip()


def word_spans(draft: Draft) -> list[Span]:
    """Where each timed word stands in the text; (-1, -1) for one that is not there."""
    spans, at = [], 0
    for word in draft.words:
        text = word.text.strip()
        start = draft.text.find(text, at)
        if start < 0:
            spans.append((-1, -1))
            continue
        at = start + len(text)
        spans.append((start, at))
    return spans


def _inside(place: Span, spans: Sequence[Span]) -> bool:
    middle = (place[0] + place[1]) / 2
    return any(start <= middle < end for start, end in spans)


def times_of(
    draft: Draft, span: Span, otherwise: tuple[float, float]
) -> tuple[float, float]:
    """When a stretch of the text was said, in seconds, if word times are known."""
    words: list[Word] = [
        word
        for word, place in zip(draft.words, word_spans(draft), strict=True)
        if _inside(place, [span])
    ]
    return (words[0].start, words[-1].end) if words else otherwise
