"""Search: the lines of one person that follow each other, found by their words.

``find`` is the whole interface; SQLite FTS5 and PostgreSQL stand behind it.
"""

from .find import Quote, Results, find
from .query import Query, Term, parse

__all__ = ["Query", "Quote", "Results", "Term", "find", "parse"]
