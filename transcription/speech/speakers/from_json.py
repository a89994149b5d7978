"""Transcripts that programs hand out as JSON: Gong, Zoom, and lists of segments.

Gong's has speakers by number; their names and sides stand in the "parties" of the call,
in the same file. Zoom's timeline says who spoke when, without a word. Other lists are
read by the names of their fields.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from transcription.speech.speakers.clocks import milliseconds
from transcription.speech.speakers.cues import (
    MOST_CUES,
    NamedTranscript,
    SpokenCue,
    UnreadableTranscript,
    shown,
    transcript,
)

BAD = "is no transcript that can be read."
START = (
    *("start", "start_time", "startTime", "start_ms", "startMs", "begin", "from"),
    *("offset", "ts", "timestamp", "time"),
)
END = ("end", "end_time", "endTime", "end_ms", "endMs", "end_ts", "to")
WHO = (
    *("speaker", "speaker_name", "speakerName", "name", "username", "user_name"),
    *("participant", "user", "who", "speakerId", "speaker_id"),
)
TEXT = ("text", "content", "sentence", "transcript", "caption", "sentences")
NUMBER = ("speakerId", "speaker_id", "id", "userId", "user_id")
SIDES = {"internal": "us", "external": "them"}  # Gong's affiliation
MOST_SECONDS = 86_400  # a greater number of "seconds" is one of milliseconds
TIMELINE_MS = 30_000  # the last one of a timeline speaks so long at most
Rows = list[dict[str, Any]]


def read(text: str) -> NamedTranscript:
    """Raises UnreadableTranscript."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableTranscript(BAD) from error
    lists = list(_lists(told))
    people = _people(lists)
    found = max((_cues(rows) for rows in lists), key=len, default=[])
    names = {key: name for key, (name, _) in people.items()}
    cues = [cue._replace(name=names.get(cue.name, cue.name)) for cue in found]
    sides = {name: side for name, side in people.values() if side}
    return transcript(cues, sides)


def _lists(told: Any) -> Iterator[Rows]:
    """Every list of objects in it, those of Gong's sentences with who says them."""
    waiting, seen = [told], 0
    while waiting and seen < 20 * MOST_CUES:
        part = waiting.pop()
        seen += 1
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            rows = [row for row in part if isinstance(row, dict)]
            if rows:
                yield [said for row in rows for said in _sentences(row)]
            waiting += part


def _sentences(row: dict[str, Any]) -> Rows:
    inner = row.get("sentences")
    if not isinstance(inner, list):
        return [row]
    who = {key: row[key] for key in WHO if key in row}
    return [{**who, **said, "_ms": True} for said in inner if isinstance(said, dict)]


def _people(lists: list[Rows]) -> dict[str, tuple[str, str]]:
    """{number of a speaker: (name, side)}"""
    found = {}
    for row in (row for rows in lists for row in rows):
        name = row.get("name") or row.get("speakerName")
        if isinstance(name, str) and not _said(row):
            side = SIDES.get(str(row.get("affiliation", "")).casefold(), "")
            for key in NUMBER:
                if isinstance(row.get(key), str | int):
                    found[str(row[key])] = (shown(name), side)
    return found


def _cues(rows: Rows) -> list[SpokenCue]:
    starts = [_number(row, START) for row in rows]
    if sum(start is not None for start in starts) < len(rows) / 2:
        return []
    unit = _unit(rows)
    cues = []
    for row, start, after in zip(rows, starts, [*starts[1:], None], strict=True):
        if start is None or not (_who(row) or _said(row)):
            continue
        begin = _ms(start, unit)
        end = _number(row, END)
        if end is None:  # until the next one begins
            end_ms = begin + TIMELINE_MS
            end_ms = min(end_ms, _ms(after, unit)) if after is not None else end_ms
        else:
            end_ms = _ms(end, unit)
        cues.append(SpokenCue(begin, end_ms, _who(row), _said(row)))
    return cues


def _unit(rows: Rows) -> float:
    """Milliseconds in one of the numbers of a list."""
    numbers = [n for row in rows if isinstance(n := _number(row, START), float)]
    marked = any(
        row.get("_ms") or "start_ms" in row or "startMs" in row for row in rows
    )
    return 1 if marked or max(numbers, default=0) > MOST_SECONDS else 1000


def _ms(told: float | int, unit: float) -> int:
    """An int is a time that was written as one, a float a number in units."""
    return told if isinstance(told, int) else int(min(told, 1e12) * unit)


def _number(row: Mapping[str, Any], keys: tuple[str, ...]) -> float | int | None:
    for key in keys:
        value = row.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        if isinstance(value, str):
            try:
                return milliseconds(value)
            except ValueError:
                pass
        try:
            number = float(value)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(number) and number >= 0:
            return number
    return None


def _who(row: Mapping[str, Any]) -> str:
    users = row.get("users")  # of Zoom's timeline; nobody is named where two speak
    if isinstance(users, list):
        return _named(users[0]) if len(users) == 1 else ""
    return next((name for key in WHO if (name := _named(row.get(key)))), "")


def _named(value: Any) -> str:
    if isinstance(value, dict):
        keys = ("name", "username", "displayName", "display_name", "email")
        return next((n for key in keys if (n := _named(value.get(key)))), "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return shown(str(value)[:200])


def _said(row: Mapping[str, Any]) -> str:
    return next((v for key in TEXT if isinstance(v := row.get(key), str) and v), "")
