"""Loops: a Whisper that has lost the thread says the same words again and again."""

from collections.abc import Iterator, Sequence

from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.normal import Token, small_tokens
from transcription.speech.filters.taken import Span, take_out

LONGEST = 8  # words of a phrase that repeats (arXiv 2501.11378 looks this far)
LONGEST_UNSPACED = 24  # characters, where a script has no spaces
REPEATS = 3  # times in a row that make a loop
SAID = 3  # times that a short phrase may really be said: "no no no", "got it got it"
SHORT = 2  # words of such a phrase
TIMES = 5  # that one word may be said where there was time for it: "words, words, ..."
PACE = 4.0  # words a second that are said so, at most


def collapse_loops(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Keep one of three or more equal phrases in a row.

    One word or two that sound sure are kept up to three times: people agree, refuse and
    laugh that way. Two must have had the time to be said; one that had is kept up to
    five times, and beyond that it is a loop.
    """
    found = small_tokens(draft.text)
    sure = evidence.confidence >= rules.weak_probability
    had_time = len(found) <= PACE * evidence.speech_seconds
    most = (SHORT if had_time else 1) if sure else 0
    spans = [
        (found[first].start, _end(draft.text, found, last))
        for first, last in _surplus(found, most, TIMES if had_time else SAID)
    ]
    return take_out(draft, spans, "loop", evidence, rules)


def _end(text: str, found: Sequence[Token], last: int) -> int:
    """The phrase goes with the punctuation and the space behind it."""
    return found[last + 1].start if last + 1 < len(found) else len(text)


def _surplus(found: Sequence[Token], said: int, often: int) -> Iterator[Span]:
    """First and last token of each stretch of repeats that goes.

    Phrases of ``said`` words and less may be meant, single words ``often`` in a row.
    """
    keys = [token.normal for token in found]
    at = 0
    while at < len(keys):
        size, times = _loop_at(keys, at)
        keep = min(times, SAID) if size <= said else 1
        if 1 == size <= said and times <= often:
            keep = times
        if times >= REPEATS and times > keep:
            yield at + keep * size, at + times * size - 1
        at += size * times if times >= REPEATS else 1


def _loop_at(keys: Sequence[str], at: int) -> tuple[int, int]:
    """(words of the phrase, times in a row) of the loop that covers most from here."""
    best = (1, 1)
    unspaced = len(keys[at]) == 1 and not keys[at].isascii()
    most = (len(keys) - at) // REPEATS
    for size in range(1, min(most, LONGEST_UNSPACED if unspaced else LONGEST) + 1):
        if keys[at] != keys[at + size]:  # hardly ever equal, and this is quick
            continue
        phrase, times = keys[at : at + size], 1
        while keys[at + times * size : at + (times + 1) * size] == phrase:
            times += 1
        if times >= REPEATS and size * times > best[0] * best[1]:
            best = (size, times)
    return best
