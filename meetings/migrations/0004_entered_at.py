from typing import Any

from django.db import migrations, models


def fill(apps: Any, editor: Any) -> None:
    """Who took a seat before this was kept came in then, as far as anybody knows."""
    rows = apps.get_model("meetings", "Participant").objects
    rows.update(entered_at=models.F("joined_at"))


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_removed_people")]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="entered_at",
            field=models.DateTimeField(
                blank=True,
                help_text="First in the room; what was said earlier is not for guests",
                null=True,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
