"""What a table (CSV) or a JSON file beside recordings says of each: pure.

Each entry goes by the name of its file, with or without its ending, whatever the case.
A file that describes no recording is none of these: it may be a transcript.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

from meetings.imports.dates import date_in, is_real
from meetings.models.names import one_line

MOST_BYTES = 8 * 1024 * 1024
MOST = 20_000  # recordings that one file describes
MOST_PEOPLE = 100
MOST_ERRORS = 200
FORMULA = ("=", "+", "-", "@")
KEYS: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "filename", "file name", "file_name", "recording"),
    "title": ("title", "topic", "subject", "call title"),
    "date": ("date", "started", "start", "start_time", "start time", "held at"),
    "account": ("account", "customer", "company"),
    "language": ("language", "lang"),
    "people": ("people", "participants", "parties", "attendees"),
}
SIDES = {"us": "us", "internal": "us", "them": "them", "external": "them"}


class NoDescription(ValueError):
    """A file describes no recordings; the message is for people."""


class WrongDescription(ValueError):
    """An entry says something that cannot be; the message is for people."""


@dataclass(frozen=True)
class Described:
    """What is said of one recording; what is empty is not."""

    title: str = ""
    held_at: str = ""  # ISO 8601
    account: str = ""
    language: str = ""
    people: tuple[dict[str, str], ...] = ()  # name, email, side


@dataclass
class Description:
    calls: dict[str, Described] = field(default_factory=dict)  # by ``key_of``
    errors: list[tuple[int, str]] = field(default_factory=list)  # line or entry

    def as_json(self) -> dict[str, Any]:
        calls = {key: asdict(call) for key, call in self.calls.items()}
        more = max(0, len(self.errors) - MOST_ERRORS)
        return {"calls": calls, "errors": self.errors[:MOST_ERRORS], "more": more}


def key_of(name: str) -> str:
    """A file by its name, without folders and ending."""
    last = one_line(name).replace("\\", "/").rsplit("/", 1)[-1]
    return PurePosixPath(last).stem.casefold()


@dataclass(frozen=True)
class Ground:
    """What an entry is judged by. Times without an offset are in ``zone``."""

    zone: tzinfo
    now: datetime
    languages: frozenset[str]  # codes


def read(content: bytes, name: str, ground: Ground) -> Description:
    """What a file says. Raises NoDescription.

    WrongDescription entries are told and left out; an unknown key is passed by.
    """
    if len(content) > MOST_BYTES:
        raise NoDescription(f"{name} is larger than 8 MB.")
    text = content.decode("utf-8-sig", errors="replace")
    is_json = text.lstrip()[:1] in ("{", "[")
    found = Description()
    for number, entry in _from_json(text, name) if is_json else _from_csv(text, name):
        try:
            key = key_of(str(entry.get("file") or ""))
            if not key:
                raise WrongDescription("It does not say which file it is of.")
            if key in found.calls:
                raise WrongDescription(f"{key} is described already.")
            found.calls[key] = _described(entry, ground)
        except WrongDescription as wrong:
            found.errors.append((number, str(wrong)))
    return found


def _from_csv(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    heading = text.split("\n", 1)[0]
    apart = max(",;\t", key=heading.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=apart)
    try:
        columns = [_known(cell) for cell in next(reader, [])]
        if "file" not in columns:
            message = f"{name} names no column “file” in its first line."
            raise NoDescription(message)
        for count, cells in enumerate(reader, 1):
            if count > MOST:
                raise NoDescription(f"{name} has more than {MOST} lines.")
            if any(cell.strip() for cell in cells):
                pairs = zip(columns, map(_plain, cells), strict=False)
                yield reader.line_num, {c: cell for c, cell in pairs if c}
    except csv.Error as error:
        raise NoDescription(f"{name}, line {reader.line_num}: {error}.") from None


def _from_json(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """A list of objects, or an object with a list of "calls", or one for one file."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise NoDescription(f"{name} is no JSON that can be read.") from None
    if isinstance(told, dict):
        told = told.get("calls") if isinstance(told.get("calls"), list) else [told]
    entries = [_keyed(entry) for entry in told[:MOST] if isinstance(entry, dict)]
    if not any("file" in entry for entry in entries):
        raise NoDescription(f"{name} names no “file” that it describes.")
    yield from enumerate(entries, 1)


def _keyed(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for name, value in entry.items() if (key := _known(name))}


def _known(name: str) -> str:
    folded = one_line(name).casefold()
    return next((key for key, names in KEYS.items() if folded in names), "")


def _plain(cell: str) -> str:
    """A cell as text, without the mark that keeps formulas from running."""
    text = one_line(cell)
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _described(entry: dict[str, Any], ground: Ground) -> Described:
    language = _text(entry, "language", 12).lower()
    language = language if language in ground.languages else language.split("-")[0]
    if language and language not in ground.languages:
        raise WrongDescription(f"{language} is no language: a code, like en or fr.")
    return Described(
        title=_text(entry, "title", 200),
        held_at=_moment(_text(entry, "date", 60), ground),
        account=_text(entry, "account", 200),
        language=language,
        people=_people(entry.get("people") or ()),
    )


def _text(entry: dict[str, Any], key: str, most: int) -> str:
    value = entry.get(key)
    text = "" if value is None else one_line(str(value))
    if len(text) > most:
        raise WrongDescription(f"The {key} is longer than {most} letters.")
    return text


def _moment(text: str, ground: Ground) -> str:
    """ISO 8601 of a date as people and programs write it. Raises WrongDescription."""
    if not text:
        return ""
    try:
        moment: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment and len(text) > len("2026-11-27"):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ground.zone)
    else:
        moment = date_in(text, ground.zone, ground.now)
    if moment is None or not is_real(moment, ground.now):
        raise WrongDescription(f"{text} is no date that can be, like 2026-11-27 14:30.")
    return moment.isoformat()


def _people(told: Any) -> tuple[dict[str, str], ...]:
    """ "Ann Lee <ann@acme.com>; Bob (us)", or a list of such or of objects. Raises
    WrongDescription."""
    listed = told.replace(";", "\n").splitlines() if isinstance(told, str) else told
    if not isinstance(listed, list | tuple):
        raise WrongDescription("People are a list of names.")
    people = [_object(p) if isinstance(p, dict) else _written(str(p)) for p in listed]
    if len(people) > MOST_PEOPLE:
        raise WrongDescription(f"More than {MOST_PEOPLE} people.")
    return tuple(person for person in people if person["name"])


def _written(text: str) -> dict[str, str]:
    text, side = one_line(text), ""
    for word, means in SIDES.items():
        if text.casefold().endswith(f"({word})"):
            text, side = text[: -len(word) - 2].strip(), means
    name, _, email = text.partition("<")
    if "@" in name and not email:
        name, email = name.partition("@")[0], name
    return _person(name, email.strip("<> "), side)


def _object(told: dict[str, Any]) -> dict[str, str]:
    email = told.get("email") or told.get("emailAddress") or ""
    name = told.get("name") or str(email).partition("@")[0]
    side = told.get("side") or told.get("affiliation") or ""
    return _person(str(name), str(email), SIDES.get(str(side).casefold(), ""))


def _person(name: str, email: str, side: str) -> dict[str, str]:
    email = one_line(email)
    good = "@" in email and len(email) <= 254 and " " not in email
    return {
        "name": one_line(name)[:70],
        "email": email if good else "",
        "side": side,
    }
