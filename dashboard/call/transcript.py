"""The lines of a call as its page shows them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from transcription.models import Utterance
from transcription.words import places

FIRST_LINES = 100  # what a page begins with: it is to be there at once
LINES_PER_PART = 300  # what it fetches then, part by part
UNSURE = 0.5  # the model gave a word less than this probability: dotted underline
TALK_OVER_MS = 500  # voices this long together stand side by side; or half a line
MOST_COLUMNS = 3  # a fourth voice shares one


@dataclass(frozen=True)
class ShownWord:
    text: str
    start_ms: int
    unsure: bool = False
    after: str = ""  # the space behind it


@dataclass
class TranscriptLine:
    """An utterance; in ``column`` 1 to ``of`` where others talk at the same time.

    ``goes_on``: the line before is the same person's, whose name stands there.
    """

    row: Utterance
    words: list[ShownWord] = field(init=False)
    column: int = 0
    of: int = 0
    goes_on: bool = False

    def __post_init__(self) -> None:
        self.words = words_of(self.row.text, self.row.words, self.row.start_ms)

    @property
    def anchor(self) -> str:
        return anchor_of(self.row.start_ms)

    @property
    def marked_up(self) -> SafeString:
        """The words as spans that know their times. Not by a template: a long call has
        tens of thousands."""
        return mark_safe("".join(map(_span, self.words)))  # each is escaped


def _span(word: ShownWord) -> str:
    unsure = ' class="unsure"' if word.unsure else ""
    text = f'<span data-word="{word.start_ms}"{unsure}>{escape(word.text)}</span>'
    return text + escape(word.after)


def anchor_of(start_ms: int) -> str:
    """Where the page plays from there; the player reads it back."""
    return f"#t={start_ms / 1000:.1f}"


def words_of(
    text: str, words: Sequence[Sequence[Any]], start_ms: int
) -> list[ShownWord]:
    """``text`` cut before each of its timed ``words``; all of the text, in order."""
    cuts = [(w.at, w.start_ms, w.probability < UNSURE) for w in places(text, words)]
    if not cuts:
        return [ShownWord(text, start_ms)]
    cuts[0] = (0, *cuts[0][1:])
    ends = [cut[0] for cut in cuts[1:]] + [len(text)]
    return [
        _word(text[begin:end], start, unsure)
        for (begin, start, unsure), end in zip(cuts, ends, strict=True)
    ]


def _word(text: str, start_ms: int, unsure: bool) -> ShownWord:
    bare = text.rstrip()
    return ShownWord(bare, start_ms, unsure, text[len(bare) :])


def lines_of(rows: Iterable[Utterance]) -> list[TranscriptLine]:
    """Lines of ``rows``, which come in order of their start."""
    lines = [TranscriptLine(row) for row in rows]
    for stretch in _stretches(lines):
        _set_side_by_side(stretch)
    for before, line in pairwise(lines):
        same = before.row.participant_id == line.row.participant_id
        line.goes_on = same and before.column == line.column
    return lines


def _stretches(lines: Sequence[TranscriptLine]) -> Iterator[list[TranscriptLine]]:
    """Runs of lines each of which begins while one before it still goes on."""
    stretch: list[TranscriptLine] = []
    end_ms = 0
    for line in lines:
        shared = min(end_ms, line.row.end_ms) - line.row.start_ms
        length = line.row.end_ms - line.row.start_ms
        if stretch and shared < max(1, min(TALK_OVER_MS, length // 2)):
            yield stretch
            stretch, end_ms = [], 0
        stretch.append(line)
        end_ms = max(end_ms, line.row.end_ms)
    yield stretch


def _set_side_by_side(stretch: Iterable[TranscriptLine]) -> None:
    """A column for each voice of a stretch, by who spoke first."""
    people = dict.fromkeys(line.row.participant_id for line in stretch)
    of = min(len(people), MOST_COLUMNS)
    if of < 2:
        return
    columns = {person: n % of + 1 for n, person in enumerate(people)}
    for line in stretch:
        line.column, line.of = columns[line.row.participant_id], of
