"""``manage.py transcribe FILE...``: write down recordings, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetings.media.errors import MediaError
from meetings.media.look import look
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


class OpenedFile(NamedTuple):
    """A recording and who speaks in it, by stream."""

    path: Path
    speakers: list[tuple[str, int]]


class Command(BaseCommand):
    help = "Write down recordings; each file, or sound track of a file, is one person."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--language", help="a code like en; default: detected")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what could be read; raises CommandError for the rest."""
        recordings, problems = opened(options["files"])
        lines: list[PrintedLine] = []
        if recordings:  # a model takes seconds to load
            lines, torn = self._transcribe(recordings, options["language"])
            problems += torn
            self._print(lines, options["json"])
        if problems:
            raise CommandError("; ".join(problems))

    def _transcribe(
        self, recordings: list[OpenedFile], language: str | None
    ) -> tuple[list[PrintedLine], list[str]]:
        """Their lines in order of time, and what was wrong with some."""
        lines, problems = [], []
        try:
            engine = server.without_database()
        except ModelError as error:
            raise CommandError(str(error)) from error
        try:
            for recording in recordings:
                try:
                    lines += transcribe(engine, recording, language)
                except MediaError as error:
                    problems.append(f"{recording.path}: {error}")
        except ValueError as error:
            raise CommandError(str(error)) from error
        finally:
            engine.stop()
        return sorted(lines, key=lambda line: line.said.start), problems

    def _print(self, lines: list[PrintedLine], as_json: bool) -> None:
        if as_json:
            told = [line.as_json() for line in lines]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for speaker, said in lines:
            self.stdout.write(f"[{clock(said.start)}] {speaker}: {said.text}")


def opened(files: list[Path]) -> tuple[list[OpenedFile], list[str]]:
    """Files that have sound, and what is wrong with the others."""
    recordings, problems = [], []
    for file in files:
        try:
            recordings.append(OpenedFile(file, speakers_of(file)))
        except MediaError as error:
            problems.append(f"{file}: {error}")
    return recordings, problems


def transcribe(
    engine: Engine, recording: OpenedFile, language: str | None
) -> list[PrintedLine]:
    """What is said in a file, at its times on the file's clock. Raises MediaError."""
    lines = []
    for speaker, index in recording.speakers:
        said = engine.transcribe(_sound(recording.path, index), language)
        lines += [
            PrintedLine(speaker, utterance) for utterance in said if utterance.text
        ]
    return lines


def speakers_of(file: Path) -> list[tuple[str, int]]:
    """A name and the index of a stream for each sound track that can be decoded.

    Raises MediaError.
    """
    info = look(file)
    found = [(n, sound) for n, sound in enumerate(info.sounds, 1) if not sound.problem]
    if len(found) == 1:
        return [(file.stem, found[0][1].index)]
    return [
        (sound.title or f"{file.stem} ({number})", sound.index)
        for number, sound in found
    ]


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss.t."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{tenths // 10:02}.{tenths % 10}"


def _sound(file: Path, index: int) -> Iterator[Samples]:
    for _, samples in read_pcm16k(file, index):
        yield samples
