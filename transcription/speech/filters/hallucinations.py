"""The bag: phrases that Whisper is known to write where nobody spoke.

*Certain* phrases (credits, outros, sound effects in brackets) go wherever they stand.
*Ambiguous* ones ("Thank you.") go only when they are the whole line and the sound
speaks against them. On real speech (HALAS) a bag that is applied anywhere makes the
text worse, hence the two tiers.
"""

import re
from collections.abc import Iterator, Sequence

from transcription.speech.filters.bag import BRACKETS, Bag, places
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.normal import Token, normal, tokens
from transcription.speech.filters.taken import Span, take_out

SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s|$)|[。！？]+|$)", re.DOTALL)
_MARK = re.compile(r"(?:[^\w\s.,]|[.,](?!\d))+")  # but the point of a number


def empty_bag(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Take out what is in the bag."""
    bag = rules.bag
    found = tokens(draft.text)
    whole = " ".join(token.normal for token in found)
    if not whole or whole in bag.keep:
        return Cleaned(draft.text, draft.words)
    if whole in bag.ambiguous and is_weak(evidence, rules):
        everything = [(0, len(draft.text))]
        return take_out(draft, everything, "ambiguous phrase", evidence, rules)
    spans = [
        *_certain(bag, found, draft.text),
        *_sentences(bag, draft.text),
        *_effects(bag, draft.text),
    ]
    return take_out(draft, _joined(spans), "known phrase", evidence, rules)


def is_weak(evidence: Evidence, rules: Rules) -> bool:
    """Whether the sound speaks against the text; any one of three is enough."""
    return (
        evidence.speech_seconds < rules.weak_speech
        or evidence.confidence < rules.weak_probability
        or evidence.no_speech > rules.weak_no_speech
    )


def _certain(bag: Bag, found: Sequence[Token], text: str) -> Iterator[Span]:
    """Places of certain phrases, with the mark behind."""
    for first, last in places(bag.certain, found):
        yield found[first].start, _with_mark(text, found[last].end)


def _with_mark(text: str, end: int) -> int:
    mark = _MARK.match(text, end)
    return mark.end() if mark else end


def _sentences(bag: Bag, text: str) -> Iterator[Span]:
    for match in SENTENCE.finditer(text):
        if normal(match[0]) in bag.sentences:
            yield match.span()


def _effects(bag: Bag, text: str) -> Iterator[Span]:
    for match in BRACKETS.finditer(text):
        if match[1] is None or normal(match[1]) in bag.effects:
            yield match.span()


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Overlapping places as one: "[subtitles by ...]" is found by both rules."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
