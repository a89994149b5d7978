"""What the form of a tracker asks for: read from a row, and written to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Language = str  # "en"; "" is any language
Side = Literal["", "us", "them"]
Part = Literal["", "first", "last"]

MOST_PHRASES = 500  # of one tracker, those that it leaves out with them
LONGEST_PHRASE = 100  # characters
LANGUAGES = {
    "": "Any language",
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the call, in which a hit begins; ``part`` empty: all of it."""

    part: Part = ""
    amount: int = 10
    percent: bool = False  # of the call; else minutes

    def holds(self, at_ms: int, duration_ms: int) -> bool:
        if not self.part:
            return True
        share = duration_ms * self.amount // 100
        length = share if self.percent else self.amount * 60_000
        if self.part == "first":
            return at_ms < length
        return at_ms >= duration_ms - length

    def __str__(self) -> str:
        unit = "percent" if self.percent else "minutes"
        return f"in the {self.part} {self.amount} {unit}" if self.part else ""


@dataclass(frozen=True, slots=True)
class WantedPhrases:
    """Phrases by language, and what has to be true of the turn that holds one.

    ``without`` are phrases that are none: "price list", where "price" is looked for.
    ``person`` is a name, whole; empty: whoever it is.
    """

    phrases: Mapping[Language, Sequence[str]] = field(default_factory=dict)
    without: Sequence[str] = ()
    related: bool = False  # word forms, too
    side: Side = ""
    person: str = ""
    question: bool = False
    place: Place = Place()

    @property
    def count(self) -> int:
        return sum(map(len, self.phrases.values())) + len(self.without)

    def about(self) -> str:
        """In short, for people who know the form."""
        said = [phrase for phrases in self.phrases.values() for phrase in phrases]
        parts = [", ".join(said[:4]) + (" …" if len(said) > 4 else "")]
        if self.side or self.person:
            who = {"us": "us", "them": "customers"}.get(self.side, self.person)
            parts.append(f"said by {who}")
        if self.question:
            parts.append("in questions")
        if self.place.part:
            parts.append(str(self.place))
        return " · ".join(parts)


def read(form: Mapping[str, Any]) -> WantedPhrases:
    """Of ``SavedSearch.form``; what it does not say is not asked for."""
    return WantedPhrases(
        phrases=form.get("phrases", {}),
        without=form.get("without", ()),
        related=form.get("related", False),
        side=form.get("side", ""),
        person=form.get("person", ""),
        question=form.get("question", False),
        place=Place(
            form.get("part", ""), form.get("amount", 10), form.get("percent", False)
        ),
    )


def written(wanted: WantedPhrases) -> dict[str, Any]:
    """As ``SavedSearch.form`` keeps it."""
    return {
        "phrases": {code: list(said) for code, said in wanted.phrases.items() if said},
        "without": list(wanted.without),
        "related": wanted.related,
        "side": wanted.side,
        "person": wanted.person,
        "question": wanted.question,
        "part": wanted.place.part,
        "amount": wanted.place.amount,
        "percent": wanted.place.percent,
    }
