"""What the engine says: words, captions, utterances, and how interim text settles."""

import re
from dataclasses import dataclass, field
from typing import Any

# One unit of text that settles as a whole: a word with the space before it, or one
# character of a script that is written without spaces.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_UNIT = re.compile(rf"\s*(?:[{UNSPACED}]|[^\s{UNSPACED}]+)")
_PUNCTUATION = re.compile(r"[^\w']+")

AGREEMENT = 0.3  # s of further sound that a word must survive before it is stable
_LOOK_BACK = 8  # stable words by which their place in a new text is found


@dataclass(frozen=True)
class Word:
    """One word; ``start`` and ``end`` in seconds on the clock of the stream."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class FilteredText:
    """Text that a filter took out, with what it was judged by; nothing is lost."""

    raw: str
    reason: str
    start: float
    end: float
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Caption:
    """The whole text of one utterance as of now; a later ``rev`` replaces it.

    Times are seconds on the clock of the stream. ``stable`` words are never changed
    by a later partial; ``interim`` ones may be. A final has everything in ``stable``,
    and ``words``, ``removals``, ``voice`` and ``raw`` (the text before the filters).
    ``voice``: where the VAD heard speech, without padding, in seconds. A final with
    no text takes an utterance back: nothing was said after all.
    ``latency_ms`` runs from the arrival of the newest sample used to the event, and
    ``heard_until`` is the time of that sample. ``confidence`` is 0 to 1.
    ``version`` is that of the rules by which the text was cleaned.
    """

    utterance_id: str
    rev: int
    start: float
    end: float
    stable: str
    interim: str
    final: bool
    words: tuple[Word, ...] = ()
    raw: str = ""
    language: str = ""
    confidence: float = 0.0
    removals: tuple[FilteredText, ...] = ()
    latency_ms: float | None = None
    heard_until: float = 0.0
    version: int = 0
    voice: tuple[tuple[float, float], ...] = ()
    model: str = ""  # with its revision

    @property
    def text(self) -> str:
        """Stable and interim text as one line."""
        return self.stable + self.interim


@dataclass(frozen=True)
class HeardUtterance:
    """One stretch of recorded speech; times in seconds from the start of the sound."""

    start: float
    end: float
    text: str
    raw: str
    words: tuple[Word, ...]
    language: str
    confidence: float
    removals: tuple[FilteredText, ...] = ()
    voice: tuple[tuple[float, float], ...] = ()  # of the VAD, without padding
    model: str = ""  # with its revision


def units(text: str) -> list[str]:
    """Cut a text so that joining the pieces gives it back (without trailing space)."""
    return _UNIT.findall(text.rstrip())


def normal(word: str) -> str:
    """A word as it is compared: no case, no punctuation around it."""
    return _PUNCTUATION.sub("", word).casefold()


class Stabiliser:
    """LocalAgreement over one utterance: words that two updates agree on are stable.

    Updates may follow each other in 100 ms, in which a half-heard word often looks the
    same twice, so agreement is asked over AGREEMENT seconds of sound, not over calls.
    For as long the last words stay when an update has fewer: most of them come back.
    """

    def __init__(self) -> None:
        self.stable: list[str] = []
        self.interim: list[str] = []
        self._since: list[float] = []  # when each interim word was first heard so
        self._missed: float | None = None  # since when the last ones are not heard

    @property
    def text(self) -> tuple[str, str]:
        """The stable and the interim part as of the last update."""
        return "".join(self.stable), "".join(self.interim)

    def update(self, text: str, heard_until: float) -> tuple[str, str]:
        """Take the newest text of the utterance; return its stable and interim part."""
        written = units(text)
        fresh = written[reach(self.stable[-_LOOK_BACK:], written, len(self.stable)) :]
        agreed = _agreement(self.interim, fresh)
        settled = sum(heard_until - at >= AGREEMENT for at in self._since[:agreed])
        if self._may_come_back(agreed == len(fresh) < len(self.interim), heard_until):
            fresh = self.interim
        since = self._since[:agreed] + [heard_until] * (len(fresh) - agreed)
        self.stable += fresh[:settled]
        self.interim, self._since = fresh[settled:], since[settled:]
        return self.text

    def _may_come_back(self, fewer: bool, heard_until: float) -> bool:
        """Whether words stay that the model does not write now, nor others there."""
        missed = heard_until if self._missed is None else self._missed
        stay = fewer and heard_until - missed < AGREEMENT
        self._missed = missed if stay else None
        return stay


def reach(stable: list[str], written: list[str], count: int) -> int:
    """How many words of a text stand for the stable ones, of which there are ``count``.

    The model may write them otherwise by now, as more words or as fewer: taken by
    their number, words after them would be shown twice or not at all. So the last ones
    are looked for: the end of the stretch of the text that is likest to them.
    """
    if not stable or written[:count][-len(stable) :] == stable:
        return count
    said, now = [normal(word) for word in stable], [normal(word) for word in written]
    row = [0] * (len(now) + 1)  # a stretch may begin anywhere
    for i, word in enumerate(said, 1):
        before, row = row, [i]
        for j, other in enumerate(now, 1):
            swapped = before[j - 1] + (word != other)
            row.append(min(swapped, before[j] + 1, row[-1] + 1))
    return min(range(len(row)), key=lambda end: (row[end], abs(end - count)))


def _agreement(before: list[str], now: list[str]) -> int:
    """How many words from the left are the same in both."""
    count = 0
    for one, other in zip(before, now, strict=False):
        if normal(one) != normal(other):
            break
        count += 1
    return count
