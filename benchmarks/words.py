"""Words as they are compared: normalised, aligned, counted."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def normalised(text: str) -> list[str]:
    """The words of a text without case and punctuation."""
    return _WORD.findall(text.casefold())


def align(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs (index in ``said``, index in ``heard``) of equal words, fewest errors."""
    costs = _costs(said, heard)
    pairs, i, j = [], len(said), len(heard)
    while i and j:
        if said[i - 1] == heard[j - 1] and costs[i][j] == costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif costs[i][j] == costs[i - 1][j - 1] + 1:
            i, j = i - 1, j - 1
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Substitutions, insertions and deletions: the Levenshtein distance."""
    return _costs(said, heard)[-1][-1]


def _costs(said: Sequence[str], heard: Sequence[str]) -> list[list[int]]:
    rows = [list(range(len(heard) + 1))]
    for i, word in enumerate(said, 1):
        row = [i]
        for j, other in enumerate(heard, 1):
            swapped = rows[-1][j - 1] + (word != other)
            row.append(min(swapped, rows[-1][j] + 1, row[-1] + 1))
        rows.append(row)
    return rows
