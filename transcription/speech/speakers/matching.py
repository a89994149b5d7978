"""Two transcripts of the same talk, word for word, however each of them erred.

Runs of words that both have exactly once hold the two together; between those, shorter
runs, and last what a plain comparison finds. Nearly linear in the number of words.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from transcription.speech.filters.normal import small_tokens

LONGEST_RUN = 4  # words of the first anchors
PLAIN = 60_000  # pairs of words that a plain comparison may look at
PROOF = 3  # words in a row that both have: no chance

Pair = tuple[int, int]


def words_of(text: str) -> list[str]:
    """Words as they are compared; single letters of scripts without spaces."""
    return [token.normal for token in small_tokens(text)]


def matches(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Places of the same word in both, rising in both."""
    found: list[Pair] = []
    work = [(0, len(ours), 0, len(theirs), LONGEST_RUN)]
    while work:
        a, a_end, b, b_end, run = work.pop()
        if a >= a_end or b >= b_end:
            continue
        if run == 0:
            found += _plain(ours, theirs, (a, a_end), (b, b_end))
            continue
        anchors = _rising(_unique(ours, theirs, (a, a_end), (b, b_end), run))
        if not anchors:
            work.append((a, a_end, b, b_end, run - 1))
            continue
        for x, y in _covered(anchors, run):
            found.append((x, y))
            work.append((a, x, b, y, run))
            a, b = x + 1, y + 1
        work.append((a, a_end, b, b_end, run))
    return sorted(found)


def proven(pairs: Sequence[Pair]) -> list[Pair]:
    """Those that are PROOF or more words in a row."""
    return [pair for run in runs(pairs) if len(run) >= PROOF for pair in run]


def runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Pairs that follow each other in both."""
    run: list[Pair] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _unique(
    ours: Sequence[str], theirs: Sequence[str], a: Pair, b: Pair, run: int
) -> list[Pair]:
    """Where a run of words stands that both have once within these bounds."""
    mine, yours = _once(ours, *a, run), _once(theirs, *b, run)
    return sorted((at, yours[key]) for key, at in mine.items() if key in yours)


def _once(words: Sequence[str], start: int, end: int, run: int) -> dict[object, int]:
    places: dict[object, int] = {}
    for at in range(start, end - run + 1):
        key = tuple(words[at : at + run])
        places[key] = -1 if key in places else at
    return {key: at for key, at in places.items() if at >= 0}


def _rising(pairs: Sequence[Pair]) -> list[Pair]:
    """The most pairs that rise in both, of pairs that rise in the first."""
    tails: list[int] = []  # the last of the second, by length
    ends: list[int] = []  # which pair that is
    before: list[int] = []
    for n, (_, y) in enumerate(pairs):
        length = bisect_left(tails, y)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [y]
        ends[length : length + 1] = [n]
    found, n = [], ends[-1] if ends else -1
    while n >= 0:
        found.append(pairs[n])
        n = before[n]
    return found[::-1]


def _covered(anchors: Sequence[Pair], run: int) -> Iterator[Pair]:
    """All words of the anchors, each once; anchors may lie over each other."""
    x, y = -1, -1
    for a, b in anchors:
        for step in range(run):
            if a + step > x and b + step > y:
                x, y = a + step, b + step
                yield x, y


def _plain(ours: Sequence[str], theirs: Sequence[str], a: Pair, b: Pair) -> list[Pair]:
    if (a[1] - a[0]) * (b[1] - b[0]) > PLAIN:
        return []
    mine, yours = ours[slice(*a)], theirs[slice(*b)]
    blocks = SequenceMatcher(None, mine, yours, autojunk=False).get_matching_blocks()
    return [
        (a[0] + block.a + n, b[0] + block.b + n)
        for block in blocks
        for n in range(block.size)
    ]
