import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0002_words_of_turns"),
        ("meetings", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="TalkStrip",
            fields=[
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="talk_strip",
                        serialize=False,
                        to="meetings.meeting",
                    ),
                ),
                (
                    "paths",
                    models.JSONField(
                        help_text="[[colour, SVG path], ...], a lane each"
                    ),
                ),
            ],
        ),
    ]
