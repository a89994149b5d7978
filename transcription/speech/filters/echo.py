"""One voice on two tracks: who hears a call by loudspeakers has it in the microphone.

The louder track keeps the words. No step of `clean`, which sees one line alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transcription.speech.engine.captions import FilteredText, Word
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.normal import normal
from transcription.speech.filters.taken import take_out, word_spans

WITHIN = 0.3  # s between the beginnings of a word on the two tracks
SURE_WORDS = 3  # that follow one another; fewer may be two people who say "yes" at once
FAR_QUIETER = 6.0  # dB: then the whole of a shorter line is an echo, too
REASON = "echo"

# dB of a track from start to end, in seconds; None where nothing is known of it
Loudness = Callable[[float, float], float | None]


@dataclass(frozen=True)
class OtherTrack:
    """What is written of one track around a time, and how loud it was."""

    words: Sequence[Word]
    loudness: Loudness


@dataclass(frozen=True)
class Run:
    """Words of a line, from the first to one past the last, that another track has."""

    first: int
    last: int
    twins: tuple[Word, ...]  # there


def without_echo(
    draft: Draft, here: Loudness, there: OtherTrack, rules: Rules | None = None
) -> Cleaned:
    """A line without what is an echo of another track; `draft` has timed words."""
    spans, gone = word_spans(draft), []
    for run in runs(draft.words, there.words):
        said = draft.words[run.first : run.last]
        quieter = _quieter(said, here, run.twins, there.loudness)
        sure = len(run.twins) >= SURE_WORDS and quieter > 0
        whole = len(run.twins) == len(draft.words) and quieter >= FAR_QUIETER
        if sure or whole:
            gone.append((_place(spans[run.first : run.last]), said, quieter))
    return _taken(draft, gone, rules or Rules())


Spans = tuple[tuple[float, float], ...]  # start, end, in seconds


def voice_left(voice: Spans, removals: Sequence[FilteredText]) -> Spans:
    """Where a line was spoken, without its echoes: their time is another's."""
    left = list(voice)
    for gone in removals:
        parts = [((a, min(b, gone.start)), (max(a, gone.end), b)) for a, b in left]
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    return tuple(left)


def runs(words: Sequence[Word], others: Sequence[Word]) -> list[Run]:
    """The stretches of `words` that stand in `others` at the same times, in order;
    between two of the same a single word may be another."""
    found: list[Run] = []
    for at, twin in _twins(words, others):
        last = found[-1] if found else None
        if last and at - last.last <= 1:
            found[-1] = Run(last.first, at + 1, (*last.twins, twin))
        else:
            found.append(Run(at, at + 1, (twin,)))
    return found


def _twins(words: Sequence[Word], others: Sequence[Word]) -> list[tuple[int, Word]]:
    pairs: list[tuple[int, Word]] = []
    keys = [normal(other.text) for other in others]
    begin = 0  # of those that are not taken yet
    for at, word in enumerate(words):
        key = normal(word.text)
        for place in range(begin, len(others)):
            if others[place].start > word.start + WITHIN:
                break
            near = abs(others[place].start - word.start) <= WITHIN
            if key and near and keys[place] == key:
                pairs.append((at, others[place]))
                begin = place + 1
                break
    return pairs


def _quieter(
    said: Sequence[Word], here: Loudness, twins: Sequence[Word], there: Loudness
) -> float:
    """By how many dB it is quieter here than there; 0 where nobody knows."""
    ours = here(said[0].start, said[-1].end)
    theirs = there(twins[0].start, twins[-1].end)
    return 0.0 if ours is None or theirs is None else theirs - ours


def _place(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Where words stand in their text; those that are not in it are passed by."""
    found = [span for span in spans if span != (-1, -1)]
    return (found[0][0], found[-1][1]) if found else (0, 0)


def _taken(
    draft: Draft,
    gone: Sequence[tuple[tuple[int, int], Sequence[Word], float]],
    rules: Rules,
) -> Cleaned:
    cleaned = Cleaned(draft.text, draft.words)
    removals: list[FilteredText] = []
    for (start, end), said, quieter in reversed(gone):  # what stands before stays put
        if start == end:
            continue
        at = Evidence(said[0].start, said[-1].end, ())
        left = Draft(cleaned.text, cleaned.words)
        taken = take_out(left, [(start, end)], REASON, at, rules)
        cleaned = Cleaned(taken.text, taken.words)
        because = {"quieter_db": round(quieter, 1)}
        removals += [
            FilteredText(one.raw, one.reason, one.start, one.end, because)
            for one in taken.removals
        ]
    return Cleaned(cleaned.text, cleaned.words, tuple(reversed(removals)))
