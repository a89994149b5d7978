"""The languages of the starter bags, with their phrases and scripts."""

from typing import Any

from django.db import migrations

from ._starter_bags import phrases

LANGUAGES = {
    "de": ("German", ["Latin"]),
    "en": ("English", ["Latin"]),
    "es": ("Spanish", ["Latin"]),
    "fr": ("French", ["Latin"]),
    "it": ("Italian", ["Latin"]),
    "ja": ("Japanese", ["Kana", "Han"]),
    "ko": ("Korean", ["Hangul", "Han"]),
    "nl": ("Dutch", ["Latin"]),
    "pl": ("Polish", ["Latin"]),
    "pt": ("Portuguese", ["Latin"]),
    "ru": ("Russian", ["Cyrillic"]),
    "tr": ("Turkish", ["Latin"]),
    "zh": ("Chinese", ["Han"]),
}


def sow(apps: Any, schema_editor: Any) -> None:
    Language = apps.get_model("transcription", "Language")
    Phrase = apps.get_model("transcription", "Phrase")
    for code, (name, scripts) in LANGUAGES.items():
        language = Language.objects.create(code=code, name=name, scripts=scripts)
        Phrase.objects.bulk_create(
            Phrase(language=language, **columns) for columns in phrases(code).values()
        )


class Migration(migrations.Migration):
    dependencies = [("transcription", "0002_languages")]

    operations = [migrations.RunPython(sow, migrations.RunPython.noop)]
