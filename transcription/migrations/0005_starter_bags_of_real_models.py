"""What real models write for noise joins the starter bags that are there."""

from typing import Any

from django.db import migrations

from transcription.speech.filters import seed
from transcription.speech.filters.normal import normal


def sow(apps: Any, schema_editor: Any) -> None:
    Language = apps.get_model("transcription", "Language")
    Phrase = apps.get_model("transcription", "Phrase")
    for language in Language.objects.all():
        rows = {normal(row.phrase): row for row in seed.seeds(language.code)}
        Phrase.objects.bulk_create(
            (
                Phrase(
                    language=language,
                    phrase=row.phrase,
                    normal=key,
                    tier=row.tier,
                    source="starter",
                    count=row.count,
                    model=row.models,
                )
                for key, row in rows.items()
                if row.count  # the others were there from the start, or are gone
            ),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("transcription", "0004_restored_removals")]

    operations = [migrations.RunPython(sow, migrations.RunPython.noop)]
