"""What search asks of turns, in short rows of their own.

The database keeps them true to the turns: triggers write them, and they go with their
turn. PostgreSQL's word index moves to them.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

before = import_module("dashboard.migrations.0002_words_of_turns")

COLUMNS = (
    *("meeting_id", "participant_id", "start_ms", "language"),
    *("question", "commitment", "number", "crosstalk", "removed"),
)
NAMES = ", ".join(COLUMNS)
NEW = ", ".join(f"new.{column}" for column in COLUMNS)
ORDER = "ORDER BY meeting_id, start_ms"  # those of a call lie together

REMOVE = """
    INSERT INTO dashboard_turn_words(dashboard_turn_words, rowid, normal)
    VALUES ('delete', old.id, old.normal);
    DELETE FROM dashboard_indexedturn WHERE turn_id = old.id;
"""
ADD = f"""
    INSERT INTO dashboard_turn_words(rowid, normal) VALUES (new.id, new.normal);
    INSERT INTO dashboard_indexedturn(turn_id, {NAMES}) VALUES (new.id, {NEW});
"""
# The warning in 0002 holds for these as well.
SQLITE = (
    "DROP TRIGGER IF EXISTS dashboard_turn_added",
    "DROP TRIGGER IF EXISTS dashboard_turn_removed",
    "DROP TRIGGER IF EXISTS dashboard_turn_changed",
    f"""
    INSERT INTO dashboard_indexedturn(turn_id, {NAMES})
    SELECT id, {NAMES} FROM dashboard_turn {ORDER}
    """,
    f"""
    CREATE TRIGGER dashboard_turn_added AFTER INSERT ON dashboard_turn
    BEGIN {ADD} END
    """,
    f"""
    CREATE TRIGGER dashboard_turn_removed AFTER DELETE ON dashboard_turn
    BEGIN {REMOVE} END
    """,
    f"""
    CREATE TRIGGER dashboard_turn_changed AFTER UPDATE ON dashboard_turn
    BEGIN {REMOVE} {ADD} END
    """,
)
_, *TRIGGERS = before.SQLITE
_FTS, *BACK = before.SQLITE_BACK[::-1]
SQLITE_BACK = (*BACK, *TRIGGERS)

POSTGRESQL = (
    "ALTER TABLE dashboard_indexedturn ADD COLUMN vector tsvector NOT NULL",
    f"""
    INSERT INTO dashboard_indexedturn(turn_id, {NAMES}, vector)
    SELECT id, {NAMES}, vector FROM dashboard_turn {ORDER}
    """,
    """
    ALTER TABLE dashboard_indexedturn ADD CONSTRAINT dashboard_indexedturn_of_turn
        FOREIGN KEY (turn_id) REFERENCES dashboard_turn ON DELETE CASCADE
    """,
    """
    CREATE INDEX dashboard_indexedturn_vector
        ON dashboard_indexedturn USING gin (vector)
    """,
    f"""
    CREATE FUNCTION dashboard_index_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM dashboard_indexedturn WHERE turn_id = new.id;
        INSERT INTO dashboard_indexedturn(turn_id, {NAMES}, vector)
        VALUES (new.id, {NEW}, dashboard_words(new.normal));
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER dashboard_turn_written AFTER INSERT OR UPDATE ON dashboard_turn
        FOR EACH ROW EXECUTE FUNCTION dashboard_index_turn()
    """,
    "ALTER TABLE dashboard_turn DROP COLUMN vector",  # and its index
)
POSTGRESQL_BACK = (
    *before.POSTGRESQL[1:],
    "DROP TRIGGER dashboard_turn_written ON dashboard_turn",
    "DROP FUNCTION dashboard_index_turn()",
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
    dependencies = [
        ("dashboard", "0011_drafts"),
        ("meetings", "0021_bin"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndexedTurn",
            fields=[
                (
                    "turn",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="dashboard.turn",
                    ),
                ),
                ("start_ms", models.PositiveBigIntegerField()),
                ("language", models.CharField(blank=True, max_length=12)),
                ("question", models.BooleanField()),
                ("commitment", models.BooleanField()),
                ("number", models.BooleanField()),
                ("crosstalk", models.BooleanField()),
                ("removed", models.BooleanField()),
                (
                    "meeting",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="meetings.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["start_ms", "pk"],
                "indexes": [
                    models.Index(
                        fields=["meeting", "start_ms"],
                        name="dashboard_i_meeting_6f02ad_idx",
                    )
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
