"""``manage.py build_bag --language xx``: a bag of what the installed model invents."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from meetings.media.errors import MediaError
from meetings.media.pcm import read_pcm16k
from transcription.management.commands.import_bag import language_of
from transcription.models import Configuration, Language, Phrase
from transcription.serving import choice
from transcription.speech.audio.sound import Floats
from transcription.speech.engine import invented
from transcription.speech.engine.batching import Costs
from transcription.speech.model import loading
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import Whisper
from transcription.tuning import bags, harvest


class Command(BaseCommand):
    help = (
        "Let the installed model write down noise, made or from a folder, and propose "
        "what it invents as phrases for the bag."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", required=True, help="a code like en")
        parser.add_argument(
            "--noise", type=Path, metavar="DIR", help="sound without a word in it"
        )
        parser.add_argument(
            "--rounds", type=int, default=3, help="seeds per kind of made noise"
        )
        parser.add_argument(
            "--corpus", type=Path, metavar="FILE", help="lines that people really say"
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="default: stdout")
        parser.add_argument(
            "--apply", action="store_true", help="put the phrases into the bag as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language = language_of(options["language"])
        try:
            corpus = _lines(options["corpus"])
            if options["out"]:
                options["out"].touch()  # before all the work, not after it
            whisper = load_model()
            texts = list(self._texts(whisper, language.code, options))
            entries = propose(language, texts, corpus)
            self._write(entries, options["out"])
        except (OSError, UnicodeDecodeError, ModelError) as error:
            raise CommandError(str(error)) from error
        if options["apply"]:
            apply(language, entries, choice.wanted_model())
        certain = sum(entry.tier == Phrase.Tier.CERTAIN for entry in entries)
        self.stderr.write(
            f"{language.code}: {len(texts)} sounds, {sum(map(bool, texts))} with text; "
            f"{certain} phrases certain, {len(entries) - certain} ambiguous"
        )

    def _texts(
        self, whisper: Whisper, language: str, options: dict[str, Any]
    ) -> Iterator[str]:
        folder = options["noise"]
        sounds = self._recorded(folder) if folder else invented.made(options["rounds"])
        for done, (name, sound) in enumerate(sounds, 1):
            self._tell(f"\r{done} sounds heard, now: {name:<40.40}")
            yield invented.hear(whisper, sound, [language])[0]
        self._tell("\n")

    def _recorded(self, folder: Path) -> Iterator[tuple[str, Floats]]:
        """The files of a folder; one that is no sound is named and left out."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if not files:
            raise CommandError(f"{folder} holds no file")
        for path in files:
            try:
                for sound in harvest.windows(part for _, part in read_pcm16k(path)):
                    yield path.name, sound
            except MediaError as error:
                self.stderr.write(f"{path.name} is left out: {error}")

    def _tell(self, line: str) -> None:
        """Progress on a terminal; nothing where the output is kept."""
        if sys.stderr.isatty():
            self.stderr.write(line, ending="")
            sys.stderr.flush()

    def _write(self, entries: list[bags.Entry], out: Path | None) -> None:
        if out is None:
            harvest.write(entries, self.stdout)  # type: ignore[arg-type]
            return
        with out.open("w", encoding="utf-8", newline="") as file:
            harvest.write(entries, file)


def load_model() -> Whisper:
    """The configured model, and no other: what it invents is its own. Raises
    ModelError."""
    device = Device(
        settings.WHISPER_DEVICE,
        settings.WHISPER_COMPUTE_TYPE,
        settings.WHISPER_THREADS,
    )
    return loading.load(choice.provided(choice.wanted_model()), device, Costs())


def propose(
    language: Language, texts: list[str], corpus: list[str]
) -> list[bags.Entry]:
    """The phrases of what was heard, but for those that are kept always."""
    counts = invented.count(texts)
    for kept in language.phrases.filter(tier=Phrase.Tier.KEEP):
        counts.pop(kept.normal, None)
    said = harvest.spoken(counts, corpus)
    said |= harvest.spoken(counts, harvest.transcripts(language.code))
    return harvest.rate(counts, said)


@transaction.atomic
def apply(language: Language, entries: list[bags.Entry], model: str) -> None:
    """Put the phrases into the bag; those that are there keep their tier."""
    known = bags.rows_of(language)
    proposed = [
        replace(entry, tier="" if entry.normal in known else entry.tier)
        for entry in entries
    ]
    bags.merge(language, proposed, Phrase.Source.HARVEST, model)
    Configuration.publish()


def _lines(path: Path | None) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path else []
