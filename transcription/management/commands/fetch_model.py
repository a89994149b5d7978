"""``manage.py fetch_model NAME``: bring a Whisper model here, with a progress bar."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transcription.serving import choice
from transcription.speech.model import catalogue
from transcription.speech.model.catalogue import ModelError

BAR = 40  # characters


class Command(BaseCommand):
    help = "Fetch a Whisper model; an interrupted fetch goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name",
            nargs="?",
            help="a size like small, a repository like owner/name; "
            "default: what WHISPER_MODEL asks for",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = options["name"]
        name = choice.resolved(asked) if asked else choice.wanted_model()
        try:
            folder = self._brought(name)
        except ModelError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} is in {folder}")

    def _brought(self, name: str) -> Path:
        try:
            return choice.provided(name)
        except choice.NotHere:
            return self._fetched(name)

    def _fetched(self, name: str) -> Path:
        try:
            return catalogue.fetch(name, choice.folder_for(name), self._draw)
        finally:
            if sys.stderr.isatty():
                self.stderr.write("")

    def _draw(self, done: int, total: int) -> None:
        """A bar on a terminal; nothing where the output is kept."""
        if not sys.stderr.isatty():
            return
        share = done / total if total else 1.0
        bar = "#" * round(share * BAR)
        line = f"\r[{bar:<{BAR}}] {share:4.0%} of {total / 1e6:.0f} MB"
        self.stderr.write(line, ending="")
        sys.stderr.flush()
