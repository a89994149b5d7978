"""What a person typed, as terms. The parser never fails; it leaves notes instead."""

import re
from dataclasses import dataclass

from .normal import UNSPACED, IndexedToken, tokens

MAX_CHARACTERS = 500
MAX_TERMS = 32
SHORTEST_STEM = 2  # letters before a "*"
QUOTES = str.maketrans(dict.fromkeys("“”„«»＂", '"'))
TERM = re.compile(r'"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+)')

TOO_LONG = f"Only the first {MAX_CHARACTERS} characters are searched."
TOO_MANY = f"Only the first {MAX_TERMS} words are searched."
OPEN_QUOTE = "The quote is taken to close at the end."


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that stand next to each other; ``prefix``: the last is a beginning."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that are all in one turn, and what was done to the text to get them."""

    terms: tuple[Term, ...]
    notes: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Read words and "phrases"; any text has a reading."""
    notes = [TOO_LONG] if len(text) > MAX_CHARACTERS else []
    terms: dict[Term, None] = {}  # ordered, each once
    for match in TERM.finditer(text[:MAX_CHARACTERS].translate(QUOTES)):
        phrase = match["phrase"]
        if phrase is not None and not match["closed"]:
            notes.append(OPEN_QUOTE)
        term = _term(match["word"] if phrase is None else phrase)
        if term:
            terms[term] = None
    if len(terms) > MAX_TERMS:
        notes.append(TOO_MANY)
    return Query(tuple(terms)[:MAX_TERMS], tuple(notes))


def _term(text: str) -> Term | None:
    found = list(tokens(text))
    if not found:
        return None
    if not found[-1].whole:  # the run may go on where it is found
        return Term(_texts(found[:-1]))
    starred = text.endswith("*") and len(found[-1].text) >= SHORTEST_STEM
    return Term(_texts(found), prefix=starred or _is_character(found[-1]))


def _texts(found: list[IndexedToken]) -> tuple[str, ...]:
    return tuple(token.text for token in found)


def _is_character(token: IndexedToken) -> bool:
    """A lone character of a script without spaces begins a pair in the index."""
    return len(token.text) == 1 and UNSPACED.match(token.text) is not None
