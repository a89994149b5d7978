import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0010_track_handed_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatMessage",
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
                (
                    "at_ms",
                    models.PositiveBigIntegerField(help_text="On the meeting's clock"),
                ),
                ("text", models.TextField()),
                (
                    "key",
                    models.CharField(
                        editable=False,
                        help_text="Made by the browser: what is sent again is not kept twice",
                        max_length=36,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_messages",
                        to="meetings.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("participant", "key"), name="one_message_per_key"
                    )
                ],
            },
        ),
    ]
