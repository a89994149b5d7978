"""The starter bags: ``bags/<language>.csv`` with ``tier,phrase,count,models``.

Of our own making: what subtitles and videos end with, and what the named models wrote
for so many seeded noises (docs/tuning.md). A site's own bag grows from
them in the database.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from transcription.speech.filters.bag import Bag
from transcription.speech.filters.draft import Rules

BAGS = Path(__file__).parent / "bags"
CERTAIN, AMBIGUOUS = "certain", "ambiguous"


@dataclass(frozen=True)
class Seed:
    language: str
    tier: str
    phrase: str
    count: int = 0  # noises that it was written for
    models: str = ""  # by whom


def languages() -> list[str]:
    return sorted(path.stem for path in BAGS.glob("*.csv"))


def seeds(language: str) -> list[Seed]:
    """The starter phrases of a language; none for one without a file."""
    path = BAGS / f"{language}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Seed(
                language,
                row["tier"],
                row["phrase"],
                int(row.get("count") or 0),
                row.get("models") or "",
            )
            for row in csv.DictReader(file)
        ]


def starter_rules(language: str) -> Rules:
    """What holds for a language where nobody has tuned anything."""
    return Rules(language, bag=starter_bag(language))


@cache
def starter_bag(language: str) -> Bag:
    """The starter bag compiled, for use without a database."""
    rows = seeds(language)
    return Bag.of(
        [row.phrase for row in rows if row.tier == CERTAIN],
        [row.phrase for row in rows if row.tier == AMBIGUOUS],
    )
