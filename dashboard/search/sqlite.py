"""SQLite's side of the index: triggers that keep it true to the rows of turns.

SQLite drops them with the table when a migration has it rebuilt, and Django rebuilds a
table for most changes: so they are looked for after each migrate.
"""

from typing import Any

import structlog
from django.db import connections

log = structlog.get_logger(__name__)

INDEX = "dashboard_turn_words"
ROWS = "dashboard_indexedturn"
COLUMNS = (
    *("meeting_id", "participant_id", "start_ms", "language"),
    *("question", "commitment", "number", "crosstalk", "removed"),
)
NAMES = ", ".join(COLUMNS)
NEW = ", ".join(f"new.{column}" for column in COLUMNS)
REMOVE = f"""
    INSERT INTO {INDEX}({INDEX}, rowid, normal) VALUES ('delete', old.id, old.normal);
    DELETE FROM {ROWS} WHERE turn_id = old.id;
"""
ADD = f"""
    INSERT INTO {INDEX}(rowid, normal) VALUES (new.id, new.normal);
    INSERT INTO {ROWS}(turn_id, {NAMES}) VALUES (new.id, {NEW});
"""
TRIGGERS = {
    "dashboard_turn_added": f"AFTER INSERT ON dashboard_turn BEGIN {ADD} END",
    "dashboard_turn_removed": f"AFTER DELETE ON dashboard_turn BEGIN {REMOVE} END",
    "dashboard_turn_changed": "AFTER UPDATE ON dashboard_turn "
    f"BEGIN {REMOVE} {ADD} END",
}
ANEW = (
    f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')",
    f"DELETE FROM {ROWS}",
    f"INSERT INTO {ROWS}(turn_id, {NAMES}) SELECT id, {NAMES} FROM dashboard_turn",
)


def mend(using: str = "default", **about: Any) -> list[str]:
    """Make missing triggers again, and the index with them; their names. Listens to
    ``post_migrate``."""
    database = connections[using]
    if database.vendor != "sqlite":
        return []
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        there = {name for (name,) in cursor.fetchall()}
        missing = sorted(TRIGGERS.keys() - there) if {INDEX, ROWS} <= there else []
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        for statement in ANEW if missing else ():
            cursor.execute(statement)
        if missing:
            log.warning("the search index was made anew", missing=missing)
    return missing
