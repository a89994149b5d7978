"""Whether the call bears out a sentence that a model wrote: no model, only words.

It refuses more than it has to: what is left out can be opened, what is shown is
believed. Paraphrase passes where most of its words were said, and all of its numbers
and names; a "not", an "if" or a question of the call must be one in the sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.llm import words
from dashboard.stats.sentences import is_question, split
from dashboard.stats.timeline import Sentence

OVERLAP = 0.5  # share of the words that say something which must be in the lines
LONGEST = 600  # characters of a sentence
NAMED = re.compile(r"(?<![.!?…:\"“„] )(?<!^)\b[A-ZÀ-ÖØ-Þ][\w'’&-]+")
ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+", re.IGNORECASE)
NOUNS = frozenset(("de", "lb"))  # languages that write every noun like a name

CITES_NOTHING = "names no moment of the call"
CITES_WRONG = "names a moment that there is not"
NO_WORDS = "says nothing that can be compared"
TOO_LONG = "is longer than a sentence"
OTHER_WORDS = "says it in words that were not said there"
NEGATION = "turns a no into a yes, or a yes into a no"
CONDITION = "leaves out an if"
SPEAKER = "gives what one said to another"
QUESTION = "makes a statement of a question"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What a model was given as one numbered line."""

    name: str
    text: str
    language: str = ""
    ours: bool = True  # said by one of us


def fault(
    sentence: str, cited: Sequence[SourceLine], *, in_our_name: bool = False
) -> str:
    """Why the lines do not bear ``sentence`` out; "" where they do. ``in_our_name``: an
    "I" or "we" in it is one of us, as in a mail."""
    if not cited:
        return CITES_NOTHING
    if len(sentence) > LONGEST:
        return TOO_LONG
    said = " ".join(f"{line.name}: {line.text}" for line in cited)
    wanted = words.content(sentence)
    if not wanted:
        return NO_WORDS
    return (
        _numbers(sentence, said)
        or _names(sentence, said, cited)
        or _addresses(sentence, said)
        or _overlap(wanted, said)
        or _sense(sentence, cited, wanted, in_our_name)
    )


def _numbers(sentence: str, said: str) -> str:
    missing = words.numbers(sentence) - words.numbers(said)
    return f"has a number that was not said: {min(missing):g}" if missing else ""


def _names(sentence: str, said: str, cited: Sequence[SourceLine]) -> str:
    if any(line.language in NOUNS for line in cited):
        return ""  # their words are compared like all others
    there = {word[: words.STEM] for word in words.words(said)}
    for found in NAMED.finditer(sentence):
        name = next(words.words(found[0]), "").removesuffix("'s")
        if name and name != "i" and name[: words.STEM] not in there:
            return f"has a name that was not said: {found[0][:40]}"
    return ""


def _addresses(sentence: str, said: str) -> str:
    for found in ADDRESS.finditer(sentence):
        if found[0].rstrip(".,;:)").casefold() not in said.casefold():
            return f"has an address that was not said: {found[0][:60]}"
    return ""


def _overlap(wanted: set[str], said: str) -> str:
    share = len(wanted & words.content(said)) / len(wanted)
    return OTHER_WORDS if share < OVERLAP else ""


def _sense(
    sentence: str, cited: Sequence[SourceLine], wanted: set[str], in_our_name: bool
) -> str:
    """By the sentence of the call that has most of the words."""
    parts = [(line.text[a:b], line) for line in cited for a, b in split(line.text)]
    meant, line = max(
        parts,
        key=lambda part: len(wanted & words.content(part[0])),
        default=(cited[0].text, cited[0]),
    )
    asked = is_question(Sentence(meant, 0, 0, line.language or "en"))
    if asked and not words.tells_of_a_question(sentence):
        return QUESTION
    if not asked and words.is_negative(meant) != words.is_negative(sentence):
        return NEGATION
    if words.has_condition(meant) and not words.has_condition(sentence):
        return CONDITION
    if in_our_name and not line.ours and words.is_first_person(sentence):
        return SPEAKER
    return _speaker(sentence, meant, line, cited)


def _speaker(
    sentence: str, meant: str, line: SourceLine, cited: Sequence[SourceLine]
) -> str:
    """Who is named first is who said it, or is named in it: "Anna sends Ben the offer"
    and not the other way round."""
    named = {word for one in cited for word in words.words(one.name)}
    spoken = (word.removesuffix("'s") for word in words.words(sentence))
    first = next((word for word in spoken if word in named), "")
    said_by = {*words.words(line.name), *words.words(meant)}
    return SPEAKER if first and first not in said_by else ""
