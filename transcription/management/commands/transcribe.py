"""``manage.py transcribe FILE...``: write down recordings, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetings.media.errors import MediaError
from meetings.media.pcm import read_pcm16k
from transcription.serving import server
from transcription.speech.audio.sound import Samples
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.model.catalogue import ModelError


class PrintedLine(NamedTuple):
    """One utterance of one file."""

    speaker: str
    said: HeardUtterance

    def as_json(self) -> dict[str, Any]:
        words = [[word.text, word.start, word.end] for word in self.said.words]
        return {
            "speaker": self.speaker,
            "start": round(self.said.start, 3),
            "end": round(self.said.end, 3),
            "text": self.said.text,
            "words": words,
        }


class Command(BaseCommand):
    help = "Write down recordings; each file is one person."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--language", help="a code like en; default: detected")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            engine = server.without_database()
        except ModelError as error:
            raise CommandError(str(error)) from error
        try:
            lines = [
                line
                for file in options["files"]
                for line in transcribe(engine, file, options["language"])
            ]
        except (MediaError, ValueError) as error:
            raise CommandError(str(error)) from error
        finally:
            engine.stop()
        self._print(sorted(lines, key=lambda line: line.said.start), options["json"])

    def _print(self, lines: list[PrintedLine], as_json: bool) -> None:
        if as_json:
            told = [line.as_json() for line in lines]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for speaker, said in lines:
            self.stdout.write(f"[{clock(said.start)}] {speaker}: {said.text}")


def transcribe(engine: Engine, file: Path, language: str | None) -> list[PrintedLine]:
    """What is said in a file."""
    said = engine.transcribe(_sound(file), language)
    return [PrintedLine(file.stem, utterance) for utterance in said if utterance.text]


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss.t."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{tenths // 10:02}.{tenths % 10}"


def _sound(file: Path) -> Iterator[Samples]:
    for _, samples in read_pcm16k(file):
        yield samples
