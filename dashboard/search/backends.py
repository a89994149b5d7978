"""One query, two databases: SQL that yields the ids of the turns that match.

Both indexes hold the tokens of ``Turn.normal``, split at spaces and nowhere else
(migration 0002), so both find the same turns.
"""

from collections.abc import Callable

from django.db.models.expressions import RawSQL

from .query import Query, Term

SQLITE = "SELECT rowid FROM dashboard_turn_words WHERE normal MATCH %s"
POSTGRESQL = "SELECT id FROM dashboard_turn WHERE vector @@ %s::tsquery"


def matching_turns(query: Query, vendor: str) -> RawSQL:
    """Ids of turns that hold every term; ``vendor`` as in ``connection.vendor``."""
    sql, write = {
        "sqlite": (SQLITE, fts5_term),
        "postgresql": (POSTGRESQL, tsquery_term),
    }[vendor]
    return RawSQL(sql, [_all(query, write)])


def _all(query: Query, write: Callable[[Term], str]) -> str:
    joint = " AND " if write is fts5_term else " & "
    return joint.join(map(write, query.terms))


def fts5_term(term: Term) -> str:
    """Always in double quotes: bare words such as NOT or 10:30 are syntax to FTS5."""
    phrase = " ".join(term.tokens)
    return f'"{phrase}" *' if term.prefix else f'"{phrase}"'


def tsquery_term(term: Term) -> str:
    words = " <-> ".join(f"'{token}'" for token in term.tokens)
    return f"({words}:*)" if term.prefix else f"({words})"
