"""Search: the lines of one person that follow each other, found by what was said, by
whom, when, and in which calls.

``parse`` reads what a person typed, ``find`` runs it for the page of results,
``found_calls`` and ``found_turns`` give it as rows; SQLite FTS5 and PostgreSQL stand
behind them.
"""

from .asker import Asker, asker_of
from .find import FoundCall, Quote, Results, find, newest_turns
from .parsing import parse
from .query import Query
from .reader import found_calls, found_turns

__all__ = [
    "Asker",
    "FoundCall",
    "Query",
    "Quote",
    "Results",
    "asker_of",
    "find",
    "found_calls",
    "found_turns",
    "newest_turns",
    "parse",
]
