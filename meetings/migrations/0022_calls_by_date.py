"""The newest calls are found by an index, without a sort of all that one may see."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0021_bin"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                Coalesce("started_at", "created_at").desc(),
                F("id").desc(),
                name="calls_by_date",
            ),
        ),
    ]
