"""How many voices there are among many short looks, and whose each of them is.

Looks are gathered into many small groups, and groups whose middles are alike become
one until no two are. What is left as a group must have been heard long enough: a cough
is no person.
"""

import numpy as np
from numpy.typing import NDArray

MOST = 8  # people that are told apart
GROUPS = 24  # to begin with
ROUNDS = 30
TRIES = 8
# Likeness of the middles of two groups (cosine). Halves of one person's looks had 0.85
# and more; two people on two lines 0.45 to 0.75.
ALIKE = 0.80
ALIKE_SHORT = 0.65  # of one who was heard for less than LONG
SHORT, LONG = 4.0, 8.0  # s: who is heard for less than SHORT is nobody of their own

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


def unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def middles(looks: Floats, seconds: float) -> Floats:
    """[people, 256]: the middle of each person's looks, each of which stands for
    ``seconds``."""
    groups = _refined(looks, _spread(looks, min(GROUPS, max(1, len(looks) // 4))))
    mine = _nearest(looks, groups)
    sums = np.stack([looks[mine == n].sum(0) for n in np.unique(mine)])
    heard = (np.bincount(mine)[np.unique(mine)] * seconds).astype(np.float64)
    while pair := _to_join(sums, heard):
        a, b = pair
        sums[a], heard[a] = sums[a] + sums[b], heard[a] + heard[b]
        sums, heard = np.delete(sums, b, 0), np.delete(heard, b)
    return _refined(looks, unit(sums)) if len(sums) > 1 else unit(sums)


def middles_of(count: int, looks: Floats) -> Floats:
    """The same where somebody knows how many people there are: the best of TRIES."""
    tries = (_refined(looks, _drawn(looks, count, seed)) for seed in range(TRIES))
    return max(tries, key=lambda groups: float((looks @ groups.T).max(1).sum()))


def _to_join(sums: Floats, heard: NDArray[np.float64]) -> tuple[int, int] | None:
    """The two groups that are most likely one person, if two are."""
    if len(sums) < 2:
        return None
    shorter = np.minimum.outer(heard, heard)
    excess = unit(sums) @ unit(sums).T - np.where(shorter < LONG, ALIKE_SHORT, ALIKE)
    excess[shorter < SHORT] += 2  # nobody of their own, whoever it is
    np.fill_diagonal(excess, -9)
    if excess.max() <= 0 and len(sums) <= MOST:
        return None
    a, b = divmod(int(excess.argmax()), len(sums))
    return min(a, b), max(a, b)


def _drawn(looks: Floats, count: int, seed: int) -> Floats:
    """Looks to begin with, drawn by how far they are from those drawn before."""
    chance = np.random.default_rng(seed)
    chosen = [int(chance.integers(len(looks)))]
    while len(chosen) < min(count, len(looks)):
        far = np.maximum(1 - (looks @ looks[chosen].T).max(1), 1e-6).astype(np.float64)
        chosen.append(int(chance.choice(len(looks), p=far / far.sum())))
    return looks[chosen].copy()


def _spread(looks: Floats, count: int) -> Floats:
    """Looks that are far from each other, to begin with; the same at every run."""
    chosen = [int((looks @ looks.mean(0)).argmax())]
    while len(chosen) < count:
        near = (looks @ looks[chosen].T).max(1)
        chosen.append(int(near.argmin()))
    return looks[chosen].copy()


def _refined(looks: Floats, groups: Floats) -> Floats:
    """Middles that no look is nearer to another one of (k-means on the sphere)."""
    for _ in range(ROUNDS):
        mine = _nearest(looks, groups)
        moved = groups.copy()
        for n in range(len(groups)):
            if (mine == n).any():
                moved[n] = looks[mine == n].mean(0)
        moved = unit(moved)
        if np.allclose(moved, groups, atol=1e-4):
            break
        groups = moved
    return groups


def _nearest(looks: Floats, groups: Floats) -> Labels:
    nearest: Labels = (looks @ groups.T).argmax(1)
    return nearest


def steady(likeness: Floats, change: float) -> Labels:
    """Whose each look is, in order of time; to change costs ``change`` of likeness, so
    that no single look goes to somebody else by a hair (Viterbi)."""
    best = likeness[0].copy()
    came = np.zeros(likeness.shape, np.int64)
    for at in range(1, len(likeness)):
        other = int(best.argmax())
        stays = best >= best[other] - change
        came[at] = np.where(stays, np.arange(len(best)), other)
        best = np.where(stays, best, best[other] - change) + likeness[at]
    path = [int(best.argmax())]
    for at in range(len(likeness) - 1, 0, -1):
        path.append(int(came[at, path[-1]]))
    return np.array(path[::-1])
