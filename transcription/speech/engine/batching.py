"""Which windows go into the next call, and how often partials are asked for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from transcription.speech.audio.features import bucket

LIVE_BUDGET = (
    0.060  # s that one call may take while people speak: no call can be stopped
)
FINAL_BUDGET = 0.35  # s that the last call about an utterance may take
IDLE_BUDGET = 0.5  # s, when nobody is in a call: only a newcomer would wait for it
LARGEST = 16  # items of one call

PERIODS = (0.06, 0.1, 0.16, 0.24, 0.4)  # s between partials of one person, by load
BUSY = 0.7  # load above which the period grows
_RELAXED = 0.6  # load below which it shrinks: what would come of the shorter period
_HOLD = 1.0  # s that a period is kept before the load is judged again
_SMOOTHING = 1.0  # s over which the load is averaged
LATE = 0.5  # s that a final has waited when partials are shed for it


class Sized(Protocol):
    """What is batched: something with a length and previous text."""

    @property
    def frames(self) -> int:
        """Mel frames of its sound."""
        ...

    @property
    def previous(self) -> str:
        """Text that the model takes as said before; often none."""
        ...


Item = TypeVar("Item", bound=Sized)


class Costs:
    """How long calls take by encoder length and items: near the worst seen lately."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], float] = {}

    @property
    def known(self) -> bool:
        """Whether any call was seen."""
        return bool(self._seen)

    def learn(self, bucket: int, items: int, seconds: float) -> None:
        """Take the duration of one call; rises quickly, falls slowly."""
        before = self._seen.get((bucket, items), seconds)
        share = 0.3 if seconds > before else 0.1
        self._seen[bucket, items] = before + share * (seconds - before)

    def estimate(self, bucket: int, items: int) -> float:
        """Seconds that a call will take; 0 when no call was seen yet.

        From the nearest call that was seen, in proportion to length and items. At most
        what the items take one by one: a call that was slow once is tried again.
        """
        if not self._seen:
            return 0.0
        together, alone = self._nearest(bucket, items), self._nearest(bucket, 1)
        return min(together, alone * items)

    def _nearest(self, bucket: int, items: int) -> float:
        size, count = min(
            self._seen, key=lambda seen: (abs(seen[0] - bucket), abs(seen[1] - items))
        )
        return self._seen[size, count] * (bucket / size) * (items / count)

    def most(self, bucket: int, budget: float) -> int:
        """How many windows of a length one call may have to end within ``budget``."""
        return next(
            (n for n in range(1, LARGEST) if self.estimate(bucket, n + 1) > budget),
            LARGEST,
        )


def batch(
    candidates: Sequence[Item],
    costs: Costs,
    budget: float,
    most: int = LARGEST,
    shortest: int = 0,
) -> list[Item]:
    """The first candidate and what fits beside it within ``budget`` seconds.

    The first one sets the encoder length, ``shortest`` frames at least; shorter ones
    may ride along. All have the same previous text: CTranslate2 wants it equally long
    in all items of a call.
    """
    chosen = [candidates[0]]
    length = bucket(chosen[0].frames, shortest)
    for candidate in candidates[1:]:
        if len(chosen) == most:
            break
        if costs.estimate(length, len(chosen) + 1) > budget:
            break
        fits = length // 2 <= bucket(candidate.frames, shortest) <= length
        if fits and candidate.previous == chosen[0].previous:
            chosen.append(candidate)
    return chosen


@dataclass
class Pace:
    """The period of partials, stretched when the model is busy, with hysteresis."""

    level: int = 0
    load: float = 0.0
    _judged: float = 0.0
    _noted: float = 0.0

    @property
    def period(self) -> float:
        """Seconds of new sound that make a new partial worth a call."""
        return PERIODS[self.level]

    def note(self, busy: float, now: float) -> None:
        """Take the seconds that the model worked since the last note."""
        spent = max(now - self._noted, busy, 1e-6)
        share = min(spent / _SMOOTHING, 1.0)
        self.load += share * (busy / spent - self.load)
        self._noted = now
        if now - self._judged >= _HOLD:
            self._judge(now)

    def _judge(self, now: float) -> None:
        if self.load > BUSY and self.level < len(PERIODS) - 1:
            self.level += 1
        elif self.level > 0 and self._load_if_shorter() < _RELAXED:
            self.level -= 1
        else:
            return
        self._judged = now

    def _load_if_shorter(self) -> float:
        return self.load * self.period / PERIODS[self.level - 1]
