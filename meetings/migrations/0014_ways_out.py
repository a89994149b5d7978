import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("meetings", "0013_another_tab"),
    ]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="video",
            field=models.CharField(
                blank=True,
                help_text="The film of the call, if there is one",
                max_length=200,
            ),
        ),
        migrations.CreateModel(
            name="Outlet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("whep", "WHEP"), ("hls", "HLS")], max_length=4
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                (
                    "playing",
                    models.PositiveIntegerField(
                        default=0, help_text="How many play it, where that is known"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outlets",
                        to="meetings.meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "playback address",
                "verbose_name_plural": "playback addresses",
                "ordering": ["created_at"],
            },
        ),
    ]
