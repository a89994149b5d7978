"""``manage.py clean_text --language xx``: the filters, on JSON lines from stdin."""

import json
import sys
from math import isfinite
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transcription.speech.engine import language as whisper_languages
from transcription.speech.filters import Draft, Evidence, Rules, clean
from transcription.tuning import snapshot

PLENTY = 30.0  # s of speech assumed where a line does not say: sound for any text


class Command(BaseCommand):
    help = (
        'Read JSON lines {"text", "speech_seconds", "word_probability", "no_speech"} '
        'and print each with "clean" and "removed", as captions would be cleaned. '
        "What a line does not say of the sound is taken in favour of its text."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", required=True, help="a code like en")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = rules_of(options["language"])
        refused = False
        for number, line in enumerate(sys.stdin.buffer, 1):
            if not line.strip():
                continue
            try:
                self.stdout.write(cleaned(line, rules))
                self.stdout.flush()
            except (ValueError, RecursionError) as error:
                refused = True
                self.stderr.write(f"line {number}: {error}")
        if refused:
            sys.exit(1)


def rules_of(code: str) -> Rules:
    """The rules that hold for a language now. Raises CommandError."""
    try:
        (code,) = whisper_languages.check([code])
    except ValueError as error:
        raise CommandError(str(error)) from None
    rules = snapshot.current().rules
    if code not in rules:
        known = ", ".join(sorted(rules)) or "none"
        raise CommandError(
            f"there is no language {code!r} in the admin; there: {known}"
        )
    return rules[code]


def cleaned(line: bytes, rules: Rules) -> str:
    """A JSON line with what the filters make of it. Raises ValueError."""
    told = json.loads(line)
    if not isinstance(told, dict):
        raise ValueError('expected an object like {"text": "Hello"}')
    text = told.get("text")
    if not isinstance(text, str):
        raise ValueError('"text" must be a string')
    result = clean(Draft(text), evidence_of(told), rules)
    removed = [{"raw": one.raw, "reason": one.reason} for one in result.removals]
    answer = {**told, "clean": result.text, "removed": removed}
    reply = json.dumps(answer, ensure_ascii=False)
    reply.encode()  # half a surrogate pair is no text: ValueError
    return reply


def evidence_of(told: dict[str, Any]) -> Evidence:
    """What a line says of its sound."""
    speech = number(told, "speech_seconds", PLENTY)
    return Evidence(
        start=0.0,
        end=speech,
        voiced=((0.0, speech),),
        no_speech=number(told, "no_speech", 0.0, most=1.0),
        confidence=number(told, "word_probability", 1.0, most=1.0),
    )


def number(
    told: dict[str, Any], name: str, otherwise: float, most: float | None = None
) -> float:
    """A number from 0 to ``most`` of a line. Raises ValueError."""
    value = told.get(name, otherwise)
    right = isinstance(value, int | float) and not isinstance(value, bool)
    if not right or not _is_finite(value) or value < 0:
        raise ValueError(f'"{name}" must be a number from 0 on, not {str(value)[:40]}')
    if most is not None and value > most:
        raise ValueError(f'"{name}" must be at most {most:g}, not {value!r}')
    return float(value)


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of 400 digits
        return False
