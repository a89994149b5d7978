"""The word index over turns, in the way of each database.

Both split ``normal`` at spaces and nowhere else: its tokens are made by
dashboard.search.normal, which no database's own parser may second-guess.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# ascii: every character beyond ASCII belongs to a token. A migration that makes SQLite
# rebuild dashboard_turn loses these triggers and has to make them again.
SQLITE = (
    """
    CREATE VIRTUAL TABLE dashboard_turn_words USING fts5(
        normal, content='dashboard_turn', content_rowid='id',
        tokenize="ascii tokenchars '+#'"
    )
    """,
    """
    CREATE TRIGGER dashboard_turn_added AFTER INSERT ON dashboard_turn BEGIN
        INSERT INTO dashboard_turn_words(rowid, normal) VALUES (new.id, new.normal);
    END
    """,
    """
    CREATE TRIGGER dashboard_turn_removed AFTER DELETE ON dashboard_turn BEGIN
        INSERT INTO dashboard_turn_words(dashboard_turn_words, rowid, normal)
        VALUES ('delete', old.id, old.normal);
    END
    """,
    """
    CREATE TRIGGER dashboard_turn_changed AFTER UPDATE OF normal ON dashboard_turn BEGIN
        INSERT INTO dashboard_turn_words(dashboard_turn_words, rowid, normal)
        VALUES ('delete', old.id, old.normal);
        INSERT INTO dashboard_turn_words(rowid, normal) VALUES (new.id, new.normal);
    END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER dashboard_turn_added",
    "DROP TRIGGER dashboard_turn_removed",
    "DROP TRIGGER dashboard_turn_changed",
    "DROP TABLE dashboard_turn_words",
)

# 16383 is PostgreSQL's last place in a tsvector.
POSTGRESQL = (
    """
    CREATE FUNCTION dashboard_words(normal text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(
            string_agg('''' || word || ''':' || least(place, 16383), ' '), ''
        )::tsvector
        FROM unnest(string_to_array(normal, ' ')) WITH ORDINALITY AS words(word, place)
        WHERE word <> ''
    $$
    """,
    """
    ALTER TABLE dashboard_turn
        ADD COLUMN vector tsvector GENERATED ALWAYS AS (dashboard_words(normal)) STORED
    """,
    "CREATE INDEX dashboard_turn_vector ON dashboard_turn USING gin (vector)",
)
POSTGRESQL_BACK = (
    "DROP INDEX dashboard_turn_vector",
    "ALTER TABLE dashboard_turn DROP COLUMN vector",
    "DROP FUNCTION dashboard_words(text)",
)


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


def _run(
    editor: BaseDatabaseSchemaEditor, statements: dict[str, tuple[str, ...]]
) -> None:
    for statement in statements[editor.connection.vendor]:
        editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="turn",
            name="words",
            field=models.JSONField(
                default=list, help_text="[[position in text, start_ms], ...] in order"
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
