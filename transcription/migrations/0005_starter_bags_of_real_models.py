"""What real models write for noise joins the starter bags that are there."""

from typing import Any

from django.db import migrations

from ._starter_bags import phrases


def sow(apps: Any, schema_editor: Any) -> None:
    Language = apps.get_model("transcription", "Language")
    Phrase = apps.get_model("transcription", "Phrase")
    for language in Language.objects.all():
        Phrase.objects.bulk_create(
            (
                Phrase(language=language, **columns)
                for columns in phrases(language.code).values()
                if columns["count"]  # the others were there from the start, or are gone
            ),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("transcription", "0004_restored_removals")]

    operations = [migrations.RunPython(sow, migrations.RunPython.noop)]
