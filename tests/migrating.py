"""One app's tables as they were, for tests of migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

ELSEWHERE = "elsewhere"  # name of a database without a table


def migrate(app: str, name: str = "") -> Any:
    """To a migration, the newest one without a name; the apps as they were there.

    Every test goes back to the newest: the next one on this database needs it.
    """
    executor = MigrationExecutor(connection)
    names = [(app, name)] if name else executor.loader.graph.leaf_nodes(app)
    executor.migrate(names)
    return MigrationExecutor(connection).loader.project_state(names).apps


@contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """An empty database in the place of the tests' own: what goes back there takes no
    table of other chapters along. Outside of a transaction."""
    here: Any = connections["default"]
    on_file = here.vendor == "sqlite"
    there = here.copy()
    there.settings_dict["NAME"] = str(folder / ELSEWHERE) if on_file else ELSEWHERE
    there.settings_dict.get("OPTIONS", {}).pop("pool", None)
    if not on_file:
        _run(f"DROP DATABASE IF EXISTS {ELSEWHERE}", f"CREATE DATABASE {ELSEWHERE}")
    connections["default"] = there
    try:
        yield
    finally:
        there.close()
        connections["default"] = here
        if not on_file:
            _run(f"DROP DATABASE {ELSEWHERE}")


def _run(*orders: str) -> None:
    with connection.cursor() as cursor:
        for order in orders:
            cursor.execute(order)
