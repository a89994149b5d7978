"""The starter bags: what real models write for noise, in every language they know.

    python -m benchmarks.starter_bags hear texts.jsonl --model FOLDER --device cuda
    python -m benchmarks.starter_bags rate texts.jsonl ...

``hear`` writes a line per sound and language: model, language, sound, text. ``rate``
puts the phrases of several such files into ``speech/filters/bags``, beside those that
stand there. A site's own ``manage.py build_bag`` does the same for its own model.

Nobody's speech in all these languages is at hand to show what people really say. So a
phrase is *certain*, to go wherever it stands, only with the mark of a credit or of a
title in it (an address, a subtitler's word); what was written for REPEATED sounds is
*ambiguous* and goes only as a whole line without sound for it.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

from transcription.speech.engine import invented
from transcription.speech.engine.batching import Costs
from transcription.speech.filters.normal import normal
from transcription.speech.filters.seed import AMBIGUOUS, BAGS, CERTAIN, seeds
from transcription.speech.model import guards, loading
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import LANGUAGES

ROUNDS = 3  # seeds per kind and length
AT_ONCE = 50  # languages of a call
REPEATED = 3  # sounds for which a phrase must be written
MOST = 60  # phrases that a language gets, the commonest
LONGEST = 100  # characters of a phrase
MARKS = ("www", "http", ".com", ".org", ".tv", "subtit", "sous tit", "untertitel",
         "legend", "amara", "caption", "субтитр", "字幕", "자막")  # fmt: skip


class Text(NamedTuple):
    """What a model wrote for one sound, told to write one language."""

    model: str
    language: str
    sound: str
    text: str


@dataclass(frozen=True)
class Row:
    """A line of a bag; ``models`` wrote it for so many sounds, if any did."""

    tier: str
    phrase: str
    count: int = 0
    models: str = ""


def main() -> None:
    """Hear or rate."""
    asked = _arguments()
    if asked.step == "hear":
        with asked.texts[0].open("w", encoding="utf-8") as file:
            for text in hear(asked.model, asked.device, asked.rounds):
                file.write(json.dumps(text, ensure_ascii=False) + "\n")
        return
    texts = [
        Text(*json.loads(line)) for path in asked.texts for line in path.open("rb")
    ]
    for language, rows in sorted(rate(texts).items()):
        if rows:
            _write(language, rows)
        print(f"{language}: {len(rows)} phrases")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("hear", "rate"))
    parser.add_argument("texts", type=Path, nargs="+", help="JSON lines")
    parser.add_argument("--model", type=Path, help="folder of a model that hears")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


def hear(folder: Path, device: str, rounds: int) -> Iterator[Text]:
    """Every sound in every language that a model knows."""
    whisper = loading.load(folder, Device(device), Costs())
    name = f"{whisper.name} {whisper.compute_type}"
    tongues = sorted(filter(whisper.knows, LANGUAGES))
    tongues = tongues if whisper.multilingual else ["en"]
    for sound, samples in invented.made(rounds):
        for first in range(0, len(tongues), AT_ONCE):
            some = tongues[first : first + AT_ONCE]
            texts = invented.hear(whisper, samples, some)
            for tongue, text in zip(some, texts, strict=True):
                yield Text(name, tongue, sound, text)


def rate(texts: Iterable[Text]) -> dict[str, list[Row]]:
    """The rows of every language: those that stand there, then the new ones."""
    heard: dict[str, dict[str, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for text in texts:
        for phrase in set(invented.phrases_of(text.text)):
            heard[text.language][phrase][text.model] += 1
    return {language: _rows(language, heard[language]) for language in heard}


def _rows(language: str, phrases: Mapping[str, Counter[str]]) -> list[Row]:
    rows = {
        normal(seed.phrase): Row(seed.tier, seed.phrase) for seed in seeds(language)
    }
    common = sorted(phrases, key=lambda phrase: (-phrases[phrase].total(), phrase))
    for phrase in common:
        models, count = phrases[phrase], phrases[phrase].total()
        if count < REPEATED or not _is_phrase(phrase):
            continue
        marked = any(mark in phrase for mark in MARKS)
        before = rows.get(phrase, Row(CERTAIN if marked else AMBIGUOUS, phrase))
        rows[phrase] = replace(before, count=count, models=", ".join(sorted(models)))
        if sum(bool(row.count) for row in rows.values()) == MOST:
            break
    return list(rows.values())


def _is_phrase(text: str) -> bool:
    """Whether it is worth a row: not what the filter of loops takes out anyway."""
    letters = sum(letter.isalpha() for letter in text)
    fits = len(text) <= LONGEST and 2 * letters > len(text)
    return fits and not guards.repeats(text)


def _write(language: str, rows: Sequence[Row]) -> None:
    with (BAGS / f"{language}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(
            (row.tier, row.phrase, row.count or "", row.models) for row in rows
        )


if __name__ == "__main__":
    main()
