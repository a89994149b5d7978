"""A caption that was written twice becomes one line; PostgreSQL wants that done before the
next migration forbids it."""

from typing import Any

from django.db import migrations, models


def keep_the_newest(apps: Any, editor: Any) -> None:
    """Two processes may have written the same caption: the later row holds."""
    lines = apps.get_model("transcription", "Utterance").objects
    captions = lines.exclude(caption_id="").order_by().values("meeting", "caption_id")
    double = captions.annotate(count=models.Count("pk"), newest=models.Max("pk"))
    for caption in double.filter(count__gt=1):
        same = lines.filter(
            meeting=caption["meeting"], caption_id=caption["caption_id"]
        )
        same.exclude(pk=caption["newest"]).delete()


class Migration(migrations.Migration):
    dependencies = [("transcription", "0005_starter_bags_of_real_models")]

    operations = [migrations.RunPython(keep_the_newest, migrations.RunPython.noop)]
