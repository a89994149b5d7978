"""The lines of a call as its page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from transcription.models import Utterance

LINES_PER_PART = 600  # an hour of talk; the rest of a longer call comes on demand
UNSURE = 0.5  # the model gave a word less than this probability: dotted underline
TALK_OVER_MS = 500  # two voices this long together stand side by side


@dataclass(frozen=True)
class ShownWord:
    text: str
    start_ms: int
    unsure: bool = False
    after: str = ""  # the space behind it


@dataclass
class TranscriptLine:
    """An utterance; ``column`` 1 or 2 where somebody else talks at the same time."""

    row: Utterance
    words: list[ShownWord] = field(init=False)
    column: int = 0

    def __post_init__(self) -> None:
        self.words = words_of(self.row.text, self.row.words, self.row.start_ms)

    @property
    def anchor(self) -> str:
        return anchor_of(self.row.start_ms)


def anchor_of(start_ms: int) -> str:
    """Where the page plays from there; the player reads it back."""
    return f"#t={start_ms / 1000:.1f}"


def words_of(
    text: str, words: Sequence[Sequence[Any]], start_ms: int
) -> list[ShownWord]:
    """``text`` cut before each of its timed ``words``; all of the text, in order."""
    cuts: list[tuple[int, int, bool]] = []
    at = 0
    for word, start, _end, probability in words:
        found = text.find(word, at) if word else -1
        if found >= 0:
            cuts.append((found, start, probability < UNSURE))
            at = found + len(word)
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
    _set_side_by_side(lines)
    return lines


def _set_side_by_side(lines: list[TranscriptLine]) -> None:
    """Left and right for lines that another person's line covers for a while."""
    columns: dict[int, int] = {}
    end_ms = 0
    for before, line in zip(lines, lines[1:], strict=False):
        end_ms = max(end_ms, before.row.end_ms)
        if before.column == 0:
            columns, end_ms = {before.row.participant_id: 1}, before.row.end_ms
        shared = min(end_ms, line.row.end_ms) - line.row.start_ms
        people = {before.row.participant_id, line.row.participant_id, *columns}
        if shared < TALK_OVER_MS or len(people) == 1:
            continue
        before.column = columns.setdefault(before.row.participant_id, 2)
        line.column = columns.setdefault(line.row.participant_id, 2)
