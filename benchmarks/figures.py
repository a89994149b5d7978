"""Latency and accuracy of captions against words whose times are known. Pure.

FD   first display: a word is shown, aligned to the spoken one, minus the word's end
ST   stable: the start of the last run in which it was shown without a break
FIN  the final event of an utterance minus the end of its last word
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from benchmarks.call import Spoken
from benchmarks.words import align, errors, normalised
from transcription.speech.engine.captions import Caption

Event = tuple[float, Caption]  # arrival in seconds on the stream's clock

_AROUND = 0.5  # s around an utterance in which its words are looked for


@dataclass
class Figures:
    """Latencies in seconds, pooled over streams; counts of words."""

    fd: list[float] = field(default_factory=list)
    st: list[float] = field(default_factory=list)
    fin: list[float] = field(default_factory=list)
    call: list[float] = field(default_factory=list)
    early: int = 0  # correct words that were shown before the final
    erased: int = 0
    shown: int = 0  # words of the finals
    wrong: int = 0
    said: int = 0

    @property
    def coverage(self) -> float:
        """Share of the correct words that were shown before the final."""
        return self.early / max(len(self.fd), 1)

    @property
    def wer(self) -> float:
        """Word error rate of the finals."""
        return self.wrong / max(self.said, 1)

    @property
    def erasure(self) -> float:
        """Words changed or taken back after they were shown, per final word."""
        return self.erased / max(self.shown, 1)


def measure(
    figures: Figures, words: Sequence[Spoken], events: Sequence[Event], since: float
) -> None:
    """Add one stream; latencies count from ``since`` on, a time of the stream."""
    finals = [caption for _, caption in events if caption.final]
    heard = [part for caption in finals for part in normalised(caption.text)]
    said = [word.text for word in words]
    figures.wrong += errors(said, heard)
    figures.said += len(said)
    figures.shown += len(heard)
    figures.call += [c.latency_ms / 1000 for _, c in events if c.latency_ms is not None]
    correct = {i for i, _ in align(said, heard)}
    for utterance in _utterances(events):
        _measure(figures, words, correct, utterance, since)
        figures.erased += _erased(utterance)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(ceil(share * len(ranked)) - 1, 0)] if ranked else float("nan")


def _utterances(events: Sequence[Event]) -> list[list[Event]]:
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event[1].utterance_id, []).append(event)
    return list(grouped.values())


def _measure(
    figures: Figures,
    words: Sequence[Spoken],
    correct: set[int],
    events: Sequence[Event],
    since: float,
) -> None:
    *_, (arrived, final) = events
    if not final.text:
        return
    shown = [(at, _visible(words, caption)) for at, caption in events]
    mine = sorted(shown[-1][1] & correct)
    for index in mine:
        end = words[index].end
        if end < since:
            continue
        first = next(at for at, seen in shown if index in seen)
        figures.fd.append(first - end)
        figures.st.append(_steady_since(shown, index) - end)
        figures.early += first < arrived
    if mine and (end := _last(words, mine, final)) >= since:
        figures.fin.append(arrived - end)


def _last(words: Sequence[Spoken], mine: Sequence[int], final: Caption) -> float:
    """When the last word of an utterance ended, were it heard right or wrong."""
    return max(
        word.end
        for index, word in enumerate(words)
        if index in mine or final.start < (word.start + word.end) / 2 < final.end
    )


def _visible(words: Sequence[Spoken], caption: Caption) -> set[int]:
    """The spoken words that a caption shows."""
    near = [
        index
        for index, word in enumerate(words)
        if word.end > caption.start - _AROUND and word.start < caption.end + _AROUND
    ]
    pairs = align([words[index].text for index in near], normalised(caption.text))
    return {near[i] for i, _ in pairs}


def _steady_since(shown: Sequence[tuple[float, set[int]]], index: int) -> float:
    start = shown[-1][0]
    for at, seen in reversed(shown):
        if index not in seen:
            break
        start = at
    return start


def _erased(events: Sequence[Event]) -> int:
    """Words that one event shows and the next does not show at that place."""
    lines = [normalised(caption.text) for _, caption in events]
    return sum(
        len(before) - len(align(before, after))
        for before, after in zip(lines, lines[1:], strict=False)
    )
