"""From text to a query. Nothing that is typed is an error."""

import re
from collections.abc import Iterable
from math import inf

from .keys import KEYS, MEASURES, amount
from .normal import UNSPACED, IndexedToken, tokens
from .query import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_TERMS,
    SHORTEST_STEM,
    All,
    Either,
    Filter,
    Not,
    Query,
    QueryPhrase,
    Range,
    Term,
)

QUOTES = str.maketrans(dict.fromkeys("“”„«»＂", '"') | {"\x00": " "})
SPACE = re.compile(r"\s+")
PHRASE = re.compile(r'"([^"]*)("?)')
# A "|" belongs to a word unless a space, a quote or a bracket stands behind it, and
# brackets do that open and close within the word.
LETTER = r'[^\s"()|]|\|(?![\s"()]|$)'
WORD = re.compile(rf'(?:{LETTER})(?:{LETTER}|\((?:[^\s"()])*\))*')
VALUE = r'"[^"]*"?|[^\s",()|](?:[^\s",()|]|\|(?![\s"()]|$))*'
FILTER = re.compile(rf"([a-zA-Z]+):(?!//)((?:{VALUE})(?:,(?:{VALUE}))*)")
PLUS = re.compile(r'\+(?=[\s"()]|$)')
MINUS = re.compile(r"-(?=[^\s\-|)])")
FLAGS = re.IGNORECASE | re.ASCII
FIGURES = "|".join(MEASURES)
COMPARED = re.compile(rf"({FIGURES})\s*(>=|<=|>|<|=)\s*([\w.]+%?)", FLAGS)
BETWEEN = re.compile(rf"({FIGURES}):([\d.hms]+?%?)\.\.([\d.hms]+%?)", FLAGS)

TOO_LONG = f"Only the first {MAX_CHARACTERS} characters are searched."
TOO_MANY = f"Only the first {MAX_TERMS} words and filters are searched."
TOO_DEEP = f"Brackets deeper than {MAX_DEPTH} are left out."
OPEN_QUOTE = "The quote is taken to close at the end."
OPEN_BRACKET = "The bracket is taken to close at the end."
LONE_BRACKET = "A bracket that closes nothing is left out."
PLUS_INSIDE = "A + inside brackets is read as a space."
SHORT_STEM = f"A star needs {SHORTEST_STEM} letters before it."
INNER_STAR = "A star stands for any end of a word, and only there."
NO_SPACE = 'With spaces around it, | means "or".'


def unknown_key(key: str) -> str:
    return f"“{key}:” is no filter: it is searched as words."


def bad_value(key: str) -> str:
    return (
        f"Not a value of “{key}:”, so it is searched as words: try {KEYS[key].example}"
    )


def bad_amount(figure: str) -> str:
    return f"“{figure}” is compared with a number: the rest is searched as words."


def parse(text: str) -> Query:
    """Read a query; any text has a reading."""
    return _QueryText(text[:MAX_CHARACTERS], len(text) > MAX_CHARACTERS).query()


def phrase_of(text: str) -> QueryPhrase | None:
    """A word, or words in order; None where ``text`` has nothing to look for."""
    found = list(tokens(text))
    if not found:
        return None
    last = found[-1]
    if not last.whole:  # the run may go on where it is found
        return QueryPhrase(_texts(found[:-1]), text=text)
    spaced = not UNSPACED.match(last.text)
    starred = text.endswith("*") and spaced and len(last.text) >= SHORTEST_STEM
    return QueryPhrase(_texts(found), starred or _is_character(last), text)


class _QueryText:
    """One text, from left to right."""

    def __init__(self, text: str, cut: bool) -> None:
        self.text = text.translate(QUOTES)
        self.at = 0
        self.terms = 0
        self.left_out = 0  # brackets that were too deep and still have to close
        self.notes = dict.fromkeys([TOO_LONG] if cut else [])

    def query(self) -> Query:
        groups = []
        while self.at < len(self.text):
            if group := self.group(0):
                groups.append(All(group))
        return Query(tuple(dict.fromkeys(groups)), tuple(self.notes))

    def group(self, depth: int) -> tuple[Term, ...]:
        """Terms up to what ends them: a "+", or the bracket of this depth."""
        eithers: list[list[Term]] = []
        joins = False  # a "|" was read
        while not self.takes_end(depth):
            if self.takes("|"):
                joins = bool(eithers)
            elif term := self.term(depth):
                if joins:
                    eithers[-1].append(term)
                else:
                    eithers.append([term])
                joins = False
        return _flat(All, [_either(terms) for terms in eithers])

    def takes_end(self, depth: int) -> bool:
        """Whether the group ends here; passes spaces and what ends nothing."""
        while True:
            self.passes(SPACE)
            if self.at >= len(self.text):
                if depth:
                    self.note(OPEN_BRACKET)
                return True
            if self.takes(")"):
                if depth and not self.left_out:
                    return True
                self.close_for_nothing()
            elif self.passes(PLUS):
                if not depth:
                    return True
                self.note(PLUS_INSIDE)
            else:
                return False

    def close_for_nothing(self) -> None:
        if self.left_out:
            self.left_out -= 1
        else:
            self.note(LONE_BRACKET)

    def term(self, depth: int) -> Term | None:
        negative = self.passes(MINUS)
        term = self.bracket(depth) if self.takes("(") else self.leaf()
        return _negated(term) if term and negative else term

    def bracket(self, depth: int) -> Term | None:
        if depth == MAX_DEPTH:
            self.left_out += 1
            self.note(TOO_DEEP)
            return None
        terms = self.group(depth + 1)
        return terms[0] if len(terms) == 1 else All(terms) if terms else None

    def leaf(self) -> Term | None:
        leaf = self.range() or self.filter() or self.phrase()
        if leaf:
            self.terms += 1
        if self.terms > MAX_TERMS:
            self.note(TOO_MANY)
            return None
        return leaf

    def range(self) -> Range | None:
        if match := BETWEEN.match(self.text, self.at):
            figure, low, high = match.groups()
            bounds = _bounds(figure.casefold(), ">=", low, "<=", high)
        elif match := COMPARED.match(self.text, self.at):
            figure, sign, number = match.groups()
            bounds = _bounds(figure.casefold(), sign, number)
        else:
            return None
        if bounds is None or not self.ends_at(match.end()):
            self.note(bad_amount(figure.casefold()))
            return None
        self.at = match.end()
        return bounds

    def filter(self) -> Filter | None:
        match = FILTER.match(self.text, self.at)
        if not match:
            return None
        key = match[1].casefold()
        if key not in KEYS:
            self.note(bad_amount(key) if key in MEASURES else unknown_key(key))
            return None
        typed = re.findall(VALUE, match[2])
        values = [KEYS[key].read(" ".join(v.strip('"').split())) for v in typed]
        if not all(values):
            self.note(bad_value(key))
            return None
        self.at = match.end()
        if typed[-1].startswith('"') and typed[-1].count('"') == 1:
            self.note(OPEN_QUOTE)
        return Filter(key, tuple(dict.fromkeys(v for v in values if v)))

    def phrase(self) -> QueryPhrase | None:
        if match := PHRASE.match(self.text, self.at):
            text = match[1]
            if not match[2]:
                self.note(OPEN_QUOTE)
        elif match := WORD.match(self.text, self.at):
            text = match[0]
            if "|" in text.strip("|"):
                self.note(NO_SPACE)
        else:
            self.at += 1  # an operator that stands where nothing is to be joined
            return None
        self.at = match.end()
        phrase = phrase_of(text)
        if phrase:
            self.note_stars(text, phrase)
        return phrase

    def note_stars(self, text: str, phrase: QueryPhrase) -> None:
        if "*" in text.rstrip("*"):
            self.note(INNER_STAR)
        spaced = not UNSPACED.match(phrase.tokens[-1])
        if text.endswith("*") and spaced and not phrase.prefix:
            self.note(SHORT_STEM)

    def takes(self, char: str) -> bool:
        found = self.text.startswith(char, self.at)
        self.at += found
        return found

    def passes(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match is not None

    def ends_at(self, end: int) -> bool:
        return end == len(self.text) or self.text[end] in ' \t\r\n"()|'

    def note(self, note: str) -> None:
        self.notes[note] = None


def _bounds(figure: str, *signs_and_numbers: str) -> Range | None:
    """Of ">", "65" or ">=", "0.6", "<=", "1.0"."""
    low, high, with_low, with_high = -inf, inf, True, True
    for sign, text in zip(signs_and_numbers[::2], signs_and_numbers[1::2], strict=True):
        value = amount(figure, text.casefold())
        if value is None:
            return None
        if sign in (">", ">=", "="):
            low, with_low = value, sign != ">"
        if sign in ("<", "<=", "="):
            high, with_high = value, sign != "<"
    return Range(figure, low, high, with_low, with_high) if low <= high else None


def _either(terms: list[Term]) -> Term:
    flat = _flat(Either, terms)
    return flat[0] if len(flat) == 1 else Either(flat)


def _negated(term: Term) -> Term:
    return term.term if isinstance(term, Not) else Not(term)


def _flat(kind: type[All | Either], terms: Iterable[Term]) -> tuple[Term, ...]:
    """Terms without those of ``kind`` around them, each once, in order."""
    parts: list[Term] = []
    for term in terms:
        parts += (
            term.terms
            if isinstance(term, All | Either) and type(term) is kind
            else [term]
        )
    return tuple(dict.fromkeys(parts))


def _texts(found: list[IndexedToken]) -> tuple[str, ...]:
    return tuple(token.text for token in found)


def _is_character(token: IndexedToken) -> bool:
    """A lone character of a script without spaces begins a pair in the index."""
    return len(token.text) == 1 and UNSPACED.match(token.text) is not None
