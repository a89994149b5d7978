"""The statistics of a call as CSV: a row per figure, then one per person and figure."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from dashboard.stats.compute import figures
from dashboard.stats.gather import timeline_of
from dashboard.stats.printed import as_json
from meetings.models import Meeting

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets run cells that begin so


def as_csv(meeting: Meeting) -> str:
    timeline = timeline_of(meeting)
    printed = as_json(figures(timeline), timeline)
    sheet = StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("person", "figure", "value", "reason"))
    writer.writerows([cell(value) for value in row] for row in _rows(printed))
    return sheet.getvalue()


def cell(value: Any) -> Any:
    """A number as it is; text so that no spreadsheet takes it for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _rows(printed: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    people, reasons = printed.pop("people"), printed.pop("reasons")
    for name, value in printed.items():
        yield "", name, value, reasons.get(name, "")
    for person, values in people.items():
        for name, value in values.items():
            yield person, name, value, ""
