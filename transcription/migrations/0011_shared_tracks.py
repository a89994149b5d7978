import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0010_corrections"),
        ("meetings", "0020_shared_tracks"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedTrack",
            fields=[
                (
                    "seat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="shared_track",
                        serialize=False,
                        to="meetings.participant",
                    ),
                ),
                (
                    "transcript",
                    models.CharField(blank=True, help_text="File name", max_length=200),
                ),
                (
                    "cues",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="{file, cues: [[start_ms, end_ms, name, text]]}: to be laid",
                    ),
                ),
                ("named_turns", models.JSONField(blank=True, null=True)),
                (
                    "told",
                    models.CharField(
                        blank=True, help_text="Of its clock", max_length=200
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "voice_turns",
                    models.JSONField(
                        blank=True, help_text="Null: not listened for yet", null=True
                    ),
                ),
                (
                    "by_voice",
                    models.BooleanField(
                        default=True, help_text="Tell people by their voices"
                    ),
                ),
                (
                    "heard_for",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The count that the voices were told apart by",
                        null=True,
                    ),
                ),
                (
                    "count",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How many people speak, if somebody knows",
                        null=True,
                    ),
                ),
                (
                    "people",
                    models.JSONField(
                        blank=True, default=dict, help_text="{label: {id, name, side}}"
                    ),
                ),
                (
                    "pieces",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="{line: [[line, what stood between, its times]]}: to be one again",
                    ),
                ),
            ],
        ),
    ]
