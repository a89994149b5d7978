"""``manage.py import_bag FILE --language xx``: phrases from a list, into the bag."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from transcription.models import Configuration, Language, Phrase
from transcription.tuning import bags
from transcription.tuning.bags import BagError

TIERS = (Phrase.Tier.CERTAIN.value, Phrase.Tier.AMBIGUOUS.value)


class Command(BaseCommand):
    help = (
        "Put the phrases of a CSV file with the columns phrase, count and tier (the "
        "last two may be missing; the public lists' own names serve too) into the bag."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--language", required=True, help="a code like en")
        parser.add_argument(
            "--tier",
            choices=TIERS,
            default="",
            help="for all of them; default: the file's, else the bag's, else ambiguous",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language = language_of(options["language"])
        try:
            entries = bags.read(options["file"])
        except BagError as error:
            raise CommandError(str(error)) from error
        with transaction.atomic():
            merged = bags.merge(
                language, entries, Phrase.Source.IMPORT, tier=options["tier"]
            )
            Configuration.publish()
        self.stdout.write(
            f"{language.code}: {merged.new} new phrases, {merged.known} known before, "
            f"{merged.left_out} lines left out"
        )


def language_of(code: str) -> Language:
    """The row of a language. Raises CommandError."""
    language = Language.objects.filter(code=code.strip().lower()).first()
    if language is None:
        known = ", ".join(Language.objects.values_list("code", flat=True)) or "none"
        raise CommandError(
            f"there is no language {code!r} in the admin; there: {known}"
        )
    return language
