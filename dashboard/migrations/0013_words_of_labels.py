"""PostgreSQL finds titles and names by an index, like what was said.

SQLite reads them all: they are few where it serves.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MAKE = """
    CREATE INDEX dashboard_label_words
        ON dashboard_label USING gin (dashboard_words(normal))
"""
DROP = "DROP INDEX dashboard_label_words"


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MAKE, None)


def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP, None)


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0012_indexed_turns")]

    operations = [migrations.RunPython(forwards, backwards)]
