"""Kinds of turns, and titles and names as search reads them.

Old calls get what is new here by their index, which the rounds of the pages ask for.
"""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_, *TRIGGERS = import_module("dashboard.migrations.0002_words_of_turns").SQLITE
KINDS = ("question", "commitment", "number", "crosstalk", "removed")


def make_triggers(apps: Any, editor: Any) -> None:
    """SQLite lost them with the old table."""
    if editor.connection.vendor == "sqlite":
        for trigger in TRIGGERS:
            editor.execute(trigger, None)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0006_stored_figures"),
        ("meetings", "0015_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="language",
            field=models.CharField(blank=True, default="", max_length=12),
            preserve_default=False,
        ),
        *(
            migrations.AddField(
                model_name="turn", name=kind, field=models.BooleanField(default=False)
            )
            for kind in KINDS
        ),
        migrations.RunPython(make_triggers, migrations.RunPython.noop),
        migrations.AddField(
            model_name="talkstrip",
            name="version",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Of the index that made it, and the call's turns"
            ),
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("normal", models.TextField()),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="labels",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "participant",
                    models.OneToOneField(
                        help_text="Empty: the title of the call",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="label",
                        to="meetings.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("participant", None)),
                        fields=("meeting",),
                        name="one_title_per_call",
                    )
                ],
            },
        ),
    ]
