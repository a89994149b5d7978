"""Spans become runs, runs become turns: who had the floor when.

The order is fixed, so that nothing is defined by itself: runs, backchannels, floor
runs, continuations. The result does not depend on the order of the input.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dashboard.stats.definitions import Definitions
from dashboard.stats.phrases import listed_in
from dashboard.stats.sentences import is_question
from dashboard.stats.timeline import CallTimeline, Speaker, TimedWord
from meetings.media.spans import Span, touches


@dataclass(frozen=True)
class FloorTurn:
    """What one person said in one go; ``spans`` are the voice in it."""

    speaker: Speaker
    spans: tuple[Span, ...]
    words: tuple[TimedWord, ...] = ()
    is_backchannel: bool = False  # "mm-hm" while somebody else goes on
    is_continuation: bool = False  # went on after somebody else had begun: no reply

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]

    def holds_floor(self, rules: Definitions) -> bool:
        return len(self.words) >= rules.turn_words and not self.is_backchannel


def turns_of(timeline: CallTimeline) -> list[FloorTurn]:
    """All turns of a prepared timeline, by their start."""
    rules = timeline.rules
    runs = [run for speaker in timeline.speakers for run in _runs(speaker, rules)]
    runs = [replace(run, is_backchannel=_is_backchannel(run, timeline)) for run in runs]
    floor = [run for run in runs if run.holds_floor(rules)]
    floor.sort(key=_order)
    turns = [turn for run in runs for turn in _split(run, floor, rules)]
    return sorted(turns, key=_order)


def _order(turn: FloorTurn) -> tuple[int, int]:
    return turn.start, turn.speaker.id


def _runs(speaker: Speaker, rules: Definitions) -> Iterator[FloorTurn]:
    """Speech joined over short pauses, but over nothing that was lost."""
    groups: list[list[Span]] = []
    for span in speaker.speech:
        if groups and _goes_on(groups[-1][-1], span, speaker, rules):
            groups[-1].append(span)
        else:
            groups.append([span])
    words = _words_of(groups, speaker.words)
    for spans, said in zip(groups, words, strict=True):
        yield FloorTurn(speaker, tuple(spans), tuple(said))


def _goes_on(before: Span, span: Span, speaker: Speaker, rules: Definitions) -> bool:
    lost = touches(speaker.gaps, before[1], span[0])
    return span[0] - before[1] < rules.turn_gap and not lost


def _words_of(
    groups: Sequence[Sequence[Span]], words: Iterable[TimedWord]
) -> list[list[TimedWord]]:
    """The words of each group of spans: to which their middles are nearest."""
    found: list[list[TimedWord]] = [[] for _ in groups]
    borders = [(a[-1][1] + b[0][0]) / 2 for a, b in pairwise(groups)]
    for word in words if groups else ():
        found[bisect_left(borders, word.middle)].append(word)
    return found


def _is_backchannel(run: FloorTurn, timeline: CallTimeline) -> bool:
    rules = timeline.rules
    short = run.end - run.start < rules.backchannel
    if not short or len(run.words) > rules.backchannel_words:
        return False
    listed = run.speaker.backchannels
    if listed and sum(map(len, listed_in(run.words, listed))) < len(run.words):
        return False
    others = (other for other in timeline.speakers if other is not run.speaker)
    return any(_keeps_talking(other, run, rules) for other in others)


def _keeps_talking(other: Speaker, run: FloorTurn, rules: Definitions) -> bool:
    before = touches(other.speech, run.start - rules.continues, run.start)
    after = touches(other.speech, run.end, run.end + rules.continues)
    return before and after and not _asked(other, run.start)


def _asked(other: Speaker, at: int) -> bool:
    """Whether the last sentence before ``at`` was a question: then "Yes." answers."""
    ended = bisect_right(other.sentences, at, key=lambda line: line.end_ms)
    return ended > 0 and is_question(other.sentences[ended - 1])


def _split(
    run: FloorTurn, floor: Sequence[FloorTurn], rules: Definitions
) -> Iterator[FloorTurn]:
    """A run, cut where somebody else took the floor in it; no span is cut."""
    first = bisect_right(floor, run.start, key=lambda other: other.start)
    last = bisect_left(floor, run.end, key=lambda other: other.start)
    others = (other for other in floor[first:last] if other.speaker is not run.speaker)
    cuts = [other.start for other in others]
    parts: list[list[Span]] = [[run.spans[0]]]
    for before, span in pairwise(run.spans):
        if any(before[0] < cut <= span[0] for cut in cuts):
            parts.append([])
        parts[-1].append(span)
    words = _words_of(parts, run.words)
    turn = replace(run, spans=tuple(parts[0]), words=tuple(words[0]))
    for spans, said in zip(parts[1:], words[1:], strict=True):
        if len(said) < rules.turn_words:
            turn = replace(
                turn, spans=(*turn.spans, *spans), words=(*turn.words, *said)
            )
            continue
        yield turn
        turn = replace(run, spans=tuple(spans), words=tuple(said), is_continuation=True)
    yield turn
