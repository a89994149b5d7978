"""Transcripts as people read them: lines of a text, or of a document.

Anna Smith   0:03            Teams, Otter: the words follow
[Anna Smith] 14:03:05        Zoom's saved captions, likewise
0:03 Anna Smith: Hello       all in one line
0:00:03 --> 0:00:05          older Teams: name and words follow
00:05:00                     Google Meet: a time every five minutes,
Anna Smith: Hello            and lines without any
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from transcription.speech.speakers.clocks import CLOCK, milliseconds
from transcription.speech.speakers.cues import MS_PER_WORD, SpokenCue
from transcription.speech.speakers.prefixes import is_name, split_name

STAMP = re.compile(rf"[\[(]?({CLOCK})[\])]?")
RANGE = re.compile(rf"({CLOCK})\s*-->\s*({CLOCK})")
HEAD = re.compile(rf"\[?([^\[\]\t]{{1,80}}?)\]?\s+[\[(]?({CLOCK})[\])]?\s*:?")
HEAD_AND_TEXT = re.compile(rf"([^\t]{{1,80}}?)(?:\s{{2,}}|\t)({CLOCK})\s+(\S.*)")
STAMPED = re.compile(rf"[\[(]?({CLOCK})[\])]?\s*[-–—]?\s+(\S.*)")


@dataclass
class WrittenEntry:
    """What somebody says; times that the transcript does not give are None."""

    name: str
    start: int | None = None
    end: int | None = None
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def lasts(self) -> int:
        """How long it takes to say, about."""
        return MS_PER_WORD * max(1, len(self.text.split()))


def read(lines: Iterable[str]) -> list[SpokenCue]:
    """Cues of a text; none where it has no line that somebody says."""
    reader = LineReader()
    for line in lines:
        reader.take(line.strip())
    return list(_timed([entry for entry in reader.entries if entry.text]))


class LineReader:
    def __init__(self) -> None:
        self.entries: list[WrittenEntry] = []
        self._stamp: int | None = None  # a time on a line of its own
        self._range: tuple[int, int] | None = None  # whose name comes next

    def take(self, line: str) -> None:
        if not line:
            return
        short = line[:400]
        if told := RANGE.fullmatch(short):
            self._range = milliseconds(told[1]), milliseconds(told[2])
        elif self._range and is_name(line):
            self.entries.append(WrittenEntry(line, *self._range))
            self._range = None
        elif told := STAMP.fullmatch(short):
            self._stamped(milliseconds(told[1]))
        elif not self._is_head(line, short):
            self._said(line)

    def _stamped(self, at: int) -> None:
        if self._stamp is None and not any(e.start is not None for e in self.entries):
            self.entries.clear()  # the head of a document: its title, who was invited
        self._stamp = at

    def _is_head(self, line: str, short: str) -> bool:
        """Whether a line says who speaks and when; it is taken then."""
        if (told := HEAD.fullmatch(short)) and is_name(told[1].strip()):
            self.entries.append(WrittenEntry(told[1].strip(), milliseconds(told[2])))
            return True
        told = HEAD_AND_TEXT.fullmatch(short)
        if told and is_name(told[1].strip()):
            said = line[told.start(3) :]
            self.entries.append(
                WrittenEntry(told[1], milliseconds(told[2]), None, [said])
            )
            return True
        if told := STAMPED.fullmatch(short):
            name, said = split_name(line[told.start(2) :])
            if name:
                at = milliseconds(told[1])
                self.entries.append(WrittenEntry(name, at, None, [said]))
                return True
        return False

    def _said(self, line: str) -> None:
        name, said = split_name(line)
        if name:
            self.entries.append(WrittenEntry(name, self._stamp, None, [said]))
            self._stamp = None
        elif self.entries:
            self.entries[-1].texts.append(line)


def _timed(entries: list[WrittenEntry]) -> Iterator[SpokenCue]:
    """What has no time lies between what has, by the number of its words."""
    starts = _starts(entries)
    for entry, start, after in zip(entries, starts, starts[1:], strict=False):
        end = entry.end
        if end is None:
            end = min(start + entry.lasts, max(start, after))
        yield SpokenCue(start, end, entry.name, entry.text)


def _starts(entries: list[WrittenEntry]) -> list[int]:
    """When each begins, and when the last one is over."""
    found: list[int] = []
    known = [n for n, entry in enumerate(entries) if entry.start is not None]
    bounds = sorted({0, *known, len(entries)})
    at = 0
    for first, last in zip(bounds, bounds[1:], strict=False):
        at = _known(entries, first, at)
        group = entries[first:last]
        lasts = sum(entry.lasts for entry in group)
        room = _known(entries, last, at + lasts) - at
        share = 1.0 if room <= 0 or lasts <= room else room / lasts
        if len(group) > 1 and room > 0:
            share = room / lasts
        passed = 0
        for entry in group:
            found.append(at + int(passed * share))
            passed += entry.lasts
        at += int(lasts * share)
    return [*found, at]


def _known(entries: list[WrittenEntry], number: int, otherwise: int) -> int:
    start = entries[number].start if number < len(entries) else None
    return otherwise if start is None else start
