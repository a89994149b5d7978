"""A table of customers (CSV) as lines: what can be read of it, and what is wrong."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

from dashboard.accounts.forms import NotTheirs, listed_domains
from meetings.models.account import NAME
from meetings.models.names import one_line

MOST_BYTES = 1024 * 1024
MOST_LINES = 5_000
FORMULA = ("=", "+", "-", "@")  # a spreadsheet may have put "'" before them
COLUMNS = {
    "name": ("name", "customer", "account", "account name", "company"),
    "domains": ("domain", "domains", "e-mail domain", "email domain", "website"),
    "stage": ("stage", "deal stage"),
    "deal": ("deal", "deal name", "opportunity", "opportunity name"),
    "amount": ("amount", "value", "deal amount"),
    "currency": ("currency",),
}
# Thousands apart by one sign and cents by the other, or neither.
AMOUNT = re.compile(
    r"(?P<grouped>[1-9]\d{0,2}(?:(?P<by>[.,])\d{3})(?:(?P=by)\d{3})*)"
    r"(?:(?!(?P=by))[.,](?P<cents>\d{1,2}))?"
    r"|(?P<plain>\d+)(?:[.,](?P<rest>\d{1,2}))?",
    re.ASCII,
)
MOST_AMOUNT = Decimal(10) ** 12
SIGNS = "€$£¥"


class UnreadableTable(ValueError):
    """A file is no such table; the message is for people."""


class WrongLine(ValueError):
    """A line cannot be taken; the message is for people."""


@dataclass(frozen=True)
class TableLine:
    """A customer as a line of the file has it; what is empty is left as it stands."""

    number: int  # of the line in the file, the heading is the first
    name: str
    domains: list[str]
    facts: dict[str, object]  # of stage, deal, amount, currency


def decoded(content: bytes) -> str:
    """The text of a file, as spreadsheets write them. Raises UnreadableTable."""
    if len(content) > MOST_BYTES:
        raise UnreadableTable("The file is larger than 1 MB.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def lines(text: str) -> Iterator[TableLine | tuple[int, str]]:
    """Each line that is not empty, or its number and what is wrong with it.

    Raises UnreadableTable.
    """
    for number, cells in _rows(text.lstrip("\ufeff")):
        try:
            yield _line(number, cells)
        except (WrongLine, NotTheirs) as wrong:
            yield number, str(wrong)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    heading = text.split("\n", 1)[0]
    apart = max(",;\t", key=heading.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=apart)
    try:
        columns = _columns(next(reader, []))
        for count, cells in enumerate(reader, 1):
            if count > MOST_LINES:
                raise UnreadableTable(f"The file has more than {MOST_LINES} lines.")
            if any(cell.strip() for cell in cells):
                pairs = zip(columns, cells, strict=False)
                yield reader.line_num, {c: _plain(cell) for c, cell in pairs if c}
    except csv.Error as error:
        raise UnreadableTable(f"Line {reader.line_num} is no CSV: {error}.") from None


def _columns(heading: list[str]) -> list[str]:
    names = {name: column for column, all_ in COLUMNS.items() for name in all_}
    found = [names.get(one_line(cell).casefold(), "") for cell in heading]
    if "name" not in found:
        raise UnreadableTable(
            "The first line has to name the columns, one of them “name”."
        )
    twice = sorted({column for column in found if column and found.count(column) > 1})
    if twice:
        raise UnreadableTable(f"Two columns of the file are the {twice[0]}.")
    return found


def _plain(cell: str) -> str:
    """A cell as one line of text, without the mark that keeps formulas from running."""
    text = one_line(cell)
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _line(number: int, cells: dict[str, str]) -> TableLine:
    """Raises WrongLine, NotTheirs."""
    name = cells.get("name", "")
    if not name:
        raise WrongLine("There is no name.")
    for column, most in (("name", NAME), ("deal", NAME), ("stage", 60)):
        if len(cells.get(column, "")) > most:
            raise WrongLine(f"The {column} is longer than {most} letters.")
    domains = listed_domains(_hosts(cells.get("domains", "")))
    told = {column: cells[column] for column in ("stage", "deal") if cells.get(column)}
    return TableLine(number, name, domains, told | _money(cells))


def _hosts(text: str) -> str:
    """Addresses of websites as their domains: "https://www.acme.com/" is acme.com."""
    words = text.replace(",", " ").replace(";", " ").split()
    bare = [word.partition("://")[2] or word for word in words]
    return " ".join(word.partition("/")[0].removeprefix("www.") for word in bare)


def _money(cells: dict[str, str]) -> dict[str, object]:
    money: dict[str, object] = {}
    if written := cells.get("amount"):
        money["amount"] = amount_of(written)
    if written := cells.get("currency", "").upper():
        if not (len(written) == 3 and written.isascii() and written.isalpha()):
            raise WrongLine(f"{written[:20]} is no currency: three letters, like EUR.")
        money["currency"] = written
    return money


def amount_of(text: str) -> Decimal:
    """ "1,234.50", "1.234,50", "12 000" or "€12000". Raises WrongLine."""
    digits = "".join(text.strip(SIGNS + " ").replace("'", "").replace("’", "").split())
    if not (found := AMOUNT.fullmatch(digits)):
        raise WrongLine(f"{text[:40]} is no amount.")
    whole = re.sub("[.,]", "", found["grouped"] or found["plain"])
    if len(whole) > 20 or (amount := Decimal(whole)) >= MOST_AMOUNT:
        raise WrongLine(f"{text[:40]} is an amount that cannot be.")
    return amount + Decimal(f"0.{found['cents'] or found['rest'] or '00'}")
