"""Many phrases at once: read from CSV, merged into a language's bag."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from transcription.models import Language, Phrase
from transcription.models.language import PHRASE_CHARACTERS
from transcription.speech.filters.normal import normal
from transcription.speech.filters.seed import seeds

BATCH = 1000  # rows per statement
LONGEST = PHRASE_CHARACTERS
MOST = 2**31 - 1  # Phrase.count

# Columns by the names that lists give them; "prediction" is that of the public list of
# arXiv 2501.11378.
COLUMNS = {
    "phrase": "phrase",
    "prediction": "phrase",
    "count": "count",
    "number of occurrences in noise": "count",
    "tier": "tier",
}


class BagError(ValueError):
    """A list that cannot be read; the text names the line."""


@dataclass(frozen=True)
class Entry:
    """A line of a list; without a tier the bag's own holds, or ambiguous."""

    phrase: str
    count: int | None = None  # times heard in noise, where a list says so
    tier: str = ""

    @cached_property
    def normal(self) -> str:
        """What it is compared by."""
        return normal(self.phrase)

    @property
    def fits(self) -> bool:
        """Whether there is a word in it, and room for it in a row."""
        fits = 0 < len(self.normal) <= LONGEST and len(self.phrase) <= LONGEST
        return fits and "\0" not in self.phrase


class Merged(NamedTuple):
    new: int
    known: int
    left_out: int  # entries that do not fit


def read(path: Path) -> list[Entry]:
    """The lines of a CSV file with a header. Raises BagError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # a BOM is Excel's
            return list(_entries(csv.reader(file, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BagError(f"{path} cannot be read: {error}") from error


def _entries(lines: Iterator[list[str]]) -> Iterator[Entry]:
    header = [COLUMNS.get(name.strip().casefold()) for name in next(lines, [])]
    if "phrase" not in header:
        raise BagError('line 1: expected a header such as "phrase,count"')
    for number, cells in enumerate(lines, 2):
        if any(cells[len(header) :]):
            raise BagError(
                f"row {number}: more cells than columns; a phrase with a comma stands "
                'in quotes: "Well, thanks."'
            )
        if cells:
            told = dict(zip(header, map(str.strip, cells), strict=False))
            yield _entry(told, number)


def _entry(told: dict[str | None, str], number: int) -> Entry:
    tier = told.get("tier", "")
    if tier not in ("", *Phrase.Tier.values):
        known = ", ".join(Phrase.Tier.values)
        raise BagError(f"row {number}: no tier {tier!r}; there are: {known}")
    try:
        count = max(0, int(told["count"])) if told.get("count") else None
    except ValueError:
        raise BagError(
            f"row {number}: the count is {told['count']!r}, no whole number"
        ) from None
    return Entry(told.get("phrase", ""), count, tier)


def merge(
    language: Language,
    entries: Iterable[Entry],
    source: str,
    model: str = "",
    tier: str = "",
) -> Merged:
    """Put phrases into a bag, with their counts; equal ones are added up.

    ``tier`` is for all of them. What a person chose to keep always stays kept. A phrase
    that gets another tier gets the list's spelling with it: "[music]" is certain in
    brackets, "music" wherever it stands. The caller publishes, in the same transaction.
    """
    rows = rows_of(language)
    before = len(rows)
    told: dict[str, Phrase] = {}
    left_out = 0
    for entry in entries:
        if not entry.fits:
            left_out += 1
            continue
        row = rows.get(entry.normal) or _fresh(language, entry, source, model)
        if entry.count is not None:
            before_it = row.count if row.normal in told else 0
            row.count = min(entry.count + before_it, MOST)
        if row.tier not in (Phrase.Tier.KEEP, wanted := tier or entry.tier or row.tier):
            row.tier, row.phrase = wanted, entry.phrase
        rows[row.normal] = told[row.normal] = row
    save(told.values())
    new = len(rows) - before
    return Merged(new, len(told) - new, left_out)


def _fresh(language: Language, entry: Entry, source: str, model: str) -> Phrase:
    return Phrase(
        language=language,
        phrase=entry.phrase,
        normal=entry.normal,
        tier=Phrase.Tier.AMBIGUOUS,
        source=source,
        model=model[:100],
    )


def sow(language: Language) -> None:
    """Put the starter phrases of a new language into its bag."""
    there = rows_of(language)
    found = {normal(seed.phrase): seed for seed in seeds(language.code)}
    Phrase.objects.bulk_create(
        Phrase(
            language=language,
            phrase=seed.phrase,
            normal=key,
            tier=seed.tier,
            source=Phrase.Source.STARTER,
            count=seed.count,
            model=seed.models,
        )
        for key, seed in found.items()
        if key not in there
    )


def rows_of(language: Language) -> dict[str, Phrase]:
    """The phrases of a language by what they are compared by."""
    return {row.normal: row for row in language.phrases.all()}


def save(rows: Iterable[Phrase]) -> None:
    """Write new rows, and the phrase, tier and count of old ones."""
    fresh: list[Phrase] = []
    old: list[Phrase] = []
    for row in rows:
        (old if row.pk else fresh).append(row)
    Phrase.objects.bulk_create(fresh, BATCH)
    Phrase.objects.bulk_create(
        old,
        BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["phrase", "tier", "count"],
    )
