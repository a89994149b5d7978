"""The starter bags as migrations 0003 and 0005 read them: frozen, whatever becomes of the
code that reads them today. Only the lists themselves are of today: who installs gets the
newest."""

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BAGS = Path(__file__).resolve().parents[1] / "speech" / "filters" / "bags"


def phrases(code: str) -> dict[str, dict[str, Any]]:
    """Normal form -> columns of a Phrase; nothing for a language without a list."""
    path = BAGS / f"{code}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {_normal(row["phrase"]): _columns(row) for row in csv.DictReader(file)}


def _columns(row: dict[str, str]) -> dict[str, Any]:
    return {
        "phrase": row["phrase"],
        "normal": _normal(row["phrase"]),
        "tier": row["tier"],
        "source": "starter",
        "count": int(row.get("count") or 0),
        "model": row.get("models") or "",
    }


def _normal(text: str) -> str:
    letters = "".join(_folded(letter) for letter in unicodedata.normalize("NFC", text))
    return " ".join(letters.split())


def _folded(letter: str) -> str:
    folded = unicodedata.normalize("NFKC", letter).casefold()
    return folded if all(_categories(folded)) else " "


def _categories(text: str) -> Iterator[bool]:
    return (unicodedata.category(letter)[0] in "LMN" for letter in text)
