"""Empty tables between tests with real transactions, in a tenth of Django's time.

Django truncates all tables, which costs PostgreSQL a file for each, and then makes the
rows anew that it makes in each new database. Here those stay, what migrations have
sown is there again, and of the others only the tables are emptied that have rows: in
whatever order tests run, each finds the database as migrations leave it.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from dashboard.search import sqlite

STAY = {ContentType._meta.db_table, Permission._meta.db_table}

Rows = list[tuple[Any, ...]]
_sown: dict[str, Rows] = {}  # rows of migrations, by quoted name of their table


def use() -> None:
    """In the place of what Django does around such a test."""
    case: Any = TransactionTestCase
    case._fixture_setup = classmethod(lambda cls: _remember())
    case._fixture_teardown = lambda self: _empty()


def _remember() -> None:
    """Before the first of them; all tests before it took back what they did."""
    if _sown:
        return
    with connection.cursor() as cursor:
        for table in _filled(cursor):
            _sown[table] = _rows(cursor, table)


def _empty() -> None:
    with connection.cursor() as cursor:
        filled = set(_filled(cursor)) - set(_sown)
        changed = [t for t, rows in _sown.items() if _rows(cursor, t) != rows]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in [*filled, *changed]:  # references are looked at in the end
            cursor.execute(f"DELETE FROM {table}")
        for table in changed:
            places = ", ".join("%s" for _ in _sown[table][0])
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", _sown[table])
    sqlite.mend()  # as after each migration


def _filled(cursor: Any) -> list[str]:
    """Tables that have rows, beside those that stay."""
    names = connection.introspection.django_table_names(True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in set(names) - STAY]
    asked = (
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables
    )
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


def _rows(cursor: Any, table: str) -> Rows:
    cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
    return list(cursor.fetchall())
