"""What may stand before a colon or a comparison in a query, and what behind it.

A key stands here once the rows that it asks for exist: until then it is plain text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .normal import normal
from .values import days, number, seconds, stretch

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
A_DAY = date(2000, 2, 29)  # any will do to see whether a date can be read

Reader = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class FilterKey:
    """A filter: whether it speaks of a turn or of its call, how its values are read
    (None: not a value), and an example."""

    about_turn: bool
    read: Reader
    example: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a call that ranges ask for: its name in StoredFigure, and the one of
    a person's, where there is one. ``unit``: "" a number, "%", "s"; a bare number
    counts ``bare`` of it."""

    unit: str = ""
    stored: str = ""
    of_person: str = ""
    bare: int = 1


def _one_of(*words: str) -> Reader:
    return lambda text: text.casefold() if text.casefold() in words else None


def _text(text: str) -> str | None:
    return text if normal(text) else None


def _stretch(text: str) -> str | None:
    return text.casefold() if stretch(text.casefold()) else None


def _language(text: str) -> str | None:
    return text.casefold() if LANGUAGE.fullmatch(text.casefold()) else None


def _date(text: str) -> str | None:
    return text.casefold() if days(text.casefold(), A_DAY) else None


KEYS = {
    "by": FilterKey(True, _text, "by:customer"),
    "side": FilterKey(True, _one_of("us", "them"), "side:them"),
    "in": FilterKey(True, _stretch, "in:first10m"),
    "has": FilterKey(
        True,
        _one_of("question", "commitment", "number", "crosstalk", "removed"),
        "has:question",
    ),
    "tracker": FilterKey(True, _text, "tracker:price"),
    "lang": FilterKey(True, _language, "lang:fr"),
    "account": FilterKey(False, _text, "account:acme"),
    "deal": FilterKey(False, _text, 'deal:"Acme renewal"'),
    "stage": FilterKey(False, _text, "stage:proposal"),
    "owner": FilterKey(False, _text, "owner:me"),
    "team": FilterKey(False, _text, "team:emea"),
    "with": FilterKey(False, _text, 'with:"Ann Lee"'),
    "title": FilterKey(False, _text, "title:demo"),
    "id": FilterKey(False, _text, "id:bcdfghjkmn"),
    "from": FilterKey(False, _date, "from:30d"),
    "to": FilterKey(False, _date, "to:2026-10-31"),
    "on": FilterKey(False, _date, "on:today"),
    "is": FilterKey(
        False, _one_of("live", "imported", "internal", "private"), "is:live"
    ),
}

MEASURES = {
    "talk": Measure("%", "talk_ratio", "talk"),
    "monologue": Measure("s", "longest_monologue_s"),
    "story": Measure("s", "longest_story_s"),
    "interactivity": Measure("", "interactivity"),
    "patience": Measure("s", "patience_s"),
    "questions": Measure("", "questions_us"),
    "interruptions": Measure("", "interruptions"),
    "pace": Measure("", "pace_wpm", "pace_wpm"),
    "fillers": Measure("%", "fillers", "fillers"),
    "length": Measure("s", bare=60),
    "people": Measure(),
}


def amount(figure: str, text: str) -> float | None:
    """A number with the unit of ``figure``, in seconds where it is a time."""
    measure = MEASURES[figure]
    bare = number(text.removesuffix("%") if measure.unit == "%" else text)
    if bare is not None:
        return round(bare * measure.bare, 6)
    time = seconds(text) if measure.unit == "s" else None
    return None if time is None else round(time, 6)
