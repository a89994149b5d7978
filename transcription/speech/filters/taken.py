"""Taking text out of a draft, with the ledger entry that says why."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from transcription.speech.engine.captions import FilteredText, Word, units
from transcription.speech.filters.bag import Bag, places
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.normal import normal, tokens

Span = tuple[int, int]  # first character, one past the last
# what hangs over when the text before it is gone; the point of ".5" does not
_HANGING = re.compile(r"(?:[.,](?!\d)|[\s;:!?…、。，！？])+")


def take_out(
    draft: Draft,
    spans: Sequence[Span],
    reason: str,
    evidence: Evidence,
    rules: Rules,
    **because: Any,
) -> Cleaned:
    """The draft without ``spans``, in their order, and one removal for each.

    What people always keep stays, whichever filter would take it.
    """
    spans = _not_kept(draft.text, spans, rules.bag)
    if not spans:
        return Cleaned(draft.text, draft.words)
    told = {
        "speech_seconds": round(evidence.speech_seconds, 2),
        "word_probability": round(evidence.confidence, 3),
        "no_speech": round(evidence.no_speech, 3),
        **because,
    }
    gone = _words_in(draft, spans)
    removals = tuple(
        FilteredText(
            draft.text[slice(*span)].strip(), reason, *_times(said, evidence), told
        )
        for span, said in zip(spans, gone, strict=True)
    )
    left = _cut(draft.text, spans)
    taken = {id(word) for said in gone for word in said}
    words = tuple(word for word in draft.words if id(word) not in taken)
    return Cleaned(left, words if left else (), removals)


def _times(said: Sequence[Word], evidence: Evidence) -> tuple[float, float]:
    """When a stretch of the text was said, in seconds, if word times are known."""
    if said:
        return said[0].start, said[-1].end
    return evidence.start, evidence.end


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


def _words_in(draft: Draft, spans: Sequence[Span]) -> list[list[Word]]:
    """The timed words of each span: those whose middle lies in it."""
    starts = [start for start, _ in spans]
    inside: list[list[Word]] = [[] for _ in spans]
    for word, (start, end) in zip(draft.words, word_spans(draft), strict=True):
        middle = (start + end) / 2
        index = bisect_right(starts, middle) - 1
        if index >= 0 and middle < spans[index][1]:
            inside[index].append(word)
    return inside


def _not_kept(text: str, spans: Sequence[Span], bag: Bag) -> Sequence[Span]:
    """The spans that are no phrase, and lie in none, that people always keep."""
    if bag.kept is None or not spans:
        return spans
    found = tokens(text)
    kept = [
        (found[first].start, found[last].end) for first, last in places(bag.kept, found)
    ]
    return [span for span in spans if not _is_kept(text, span, kept, bag)]


def _is_kept(text: str, span: Span, kept: Sequence[Span], bag: Bag) -> bool:
    raw = text[slice(*span)]
    if (phrase := normal(raw)) in bag.keep:
        return bool(phrase)
    letters = [at for at, c in enumerate(raw, span[0]) if c.isalnum()]
    return bool(letters) and any(
        start <= letters[0] and letters[-1] < end for start, end in kept
    )


def _cut(text: str, spans: Sequence[Span]) -> str:
    """What is left: one space where a cut was, no punctuation that hangs over.

    Text without a letter or a digit is no text.
    """
    left = ""
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    for start, end in zip(starts, ends, strict=True):
        piece = text[start:end]
        hanging = _HANGING.match(piece) if left else None
        fresh = piece[hanging.end() :] if hanging else piece
        if not fresh:
            continue
        apart = piece[0] in " ,.;:!?" or len(units(left[-1:] + fresh[0])) == 1
        left += " " * bool(left and not left.endswith(" ") and apart) + fresh
    return left.strip() if any(c.isalnum() for c in left) else ""
