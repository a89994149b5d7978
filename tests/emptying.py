"""Empty tables between tests with real transactions, in a tenth of Django's time.

Django truncates all tables, which costs PostgreSQL a file for each, and then makes the
rows anew that it makes in each new database. Here those stay, and of the others
only the tables are emptied that have rows.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from dashboard.search import sqlite

STAY = {ContentType._meta.db_table, Permission._meta.db_table}


def use() -> None:
    """In the place of what Django does after such a test."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(case: TransactionTestCase) -> None:
    names = connection.introspection.django_table_names(True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in set(names) - STAY]
    with connection.cursor() as cursor:
        filled = _filled(cursor, tables)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in filled:  # references are looked at in the end
            cursor.execute(f"DELETE FROM {table}")
    sqlite.mend()  # as after each migration


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    asked = (
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables
    )
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]
