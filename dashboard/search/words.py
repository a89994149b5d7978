"""Words of a query as each database's index is asked for them.

Both indexes hold the tokens of ``Turn.normal``, split at spaces and nowhere else
(migration 0002), so both find the same turns.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, F
from django.db.models.sql.compiler import SQLCompiler

from .matcher import sought
from .query import All, Either, Not, QueryPhrase, Term

BY_INDEX = (
    "{turn} IN (SELECT rowid FROM dashboard_turn_words"
    " WHERE dashboard_turn_words MATCH %s)"
)
BY_TEXT = "(SELECT {held} FROM dashboard_turn WHERE id = {turn})"


class Holds(Expression):
    """Whether a turn holds words: a condition for ``filter`` on IndexedTurn. ``words``:
    what ``is_of_words`` is true of; the index answers all of them at once. ``of_few``:
    other conditions choose the turns, and each of these is looked at by itself."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, words: Term, of_few: bool = False) -> None:
        super().__init__()
        self.words = words
        self.of_few = of_few
        self.turn: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self.turn]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        [self.turn] = expressions

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, list[Any]]:
        turn, params = compiler.compile(self.turn)
        if self.of_few:
            held, wanted = _in_text(self.words)
            return BY_TEXT.format(held=held, turn=turn), [*wanted, *params]
        return BY_INDEX.format(turn=turn), [*params, fts5(self.words)]

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, list[Any]]:
        turn, params = compiler.compile(self.turn)
        plain = f"{turn.rpartition('.')[0]}.vector @@ %s::tsquery"
        if self.of_few:
            plain = f"({plain}) IS TRUE"  # which no index reads
        return plain, [*params, tsquery(self.words)]


def is_of_words(term: Term) -> bool:
    """Whether the index alone can answer: phrases, and negatives beside some."""
    if isinstance(term, Either):
        return all(map(is_of_words, term.terms))
    if isinstance(term, All):
        return any(map(is_of_words, term.terms)) and all(
            is_of_words(part.term if isinstance(part, Not) else part)
            for part in term.terms
        )
    return isinstance(term, QueryPhrase)


def fts5(term: Term) -> str:
    """Always in double quotes: bare words such as NOT or 10:30 are syntax to FTS5."""
    if isinstance(term, QueryPhrase):
        return f'"{" ".join(term.tokens)}"{" *" * term.prefix}'
    if isinstance(term, Either):
        return f"({' OR '.join(map(fts5, term.terms))})"
    assert isinstance(term, All)
    there = [fts5(part) for part in term.terms if not isinstance(part, Not)]
    gone = [fts5(part.term) for part in term.terms if isinstance(part, Not)]
    wanted = f"({' AND '.join(there)})"
    return f"({wanted} NOT ({' OR '.join(gone)}))" if gone else wanted


def tsquery(term: Term) -> str:
    if isinstance(term, QueryPhrase):
        words = " <-> ".join(f"'{token}'" for token in term.tokens)
        return f"({words}:*)" if term.prefix else f"({words})"
    if isinstance(term, Either):
        return f"({' | '.join(map(tsquery, term.terms))})"
    if isinstance(term, Not):
        return f"!{tsquery(term.term)}"
    assert isinstance(term, All)
    return f"({' & '.join(map(tsquery, term.terms))})"


def _in_text(term: Term) -> tuple[str, list[Any]]:
    """A condition on a row of ``Turn``, with its parameters: ``matcher.holds`` in
    SQLite's words."""
    if isinstance(term, QueryPhrase):
        return "instr(' ' || normal || ' ', %s)", [sought(term)]
    if isinstance(term, Not):
        held, wanted = _in_text(term.term)
        return f"NOT {held}", wanted
    assert isinstance(term, Either | All)
    parts = [_in_text(part) for part in term.terms]
    joined = (" OR " if isinstance(term, Either) else " AND ").join(p for p, _ in parts)
    return f"({joined})", [text for _, texts in parts for text in texts]
