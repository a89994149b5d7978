"""How far the clock of a transcript is from that of the sound: a shift, and a drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

APART_MS = 60_000  # two moments nearer than that say nothing of a drift
LONG_MS = 300_000  # nor does less than this in all
MOST_DRIFT = 0.1
LEAST_DRIFT = 0.0005  # 1.8 s in an hour
SAMPLES = 300  # moments that are looked at
ROUGH_MS = 2_000  # moments that are off by that have no shift to speak of
TOLD_MS = 500  # a smaller shift is none to people: cues are cut that roughly

Moment = tuple[int, int]  # by the transcript, by the sound


@dataclass(frozen=True)
class ClockFit:
    """``sound = shift_ms + rate * transcript``; ``spread_ms`` is what half of the
    moments stay within."""

    shift_ms: int = 0
    rate: float = 1.0
    spread_ms: int = 0

    def to_sound(self, at_ms: int) -> int:
        return round(self.shift_ms + self.rate * at_ms)

    @property
    def told(self) -> str:
        """For people; empty where the times were right, or too rough to say."""
        if self.spread_ms > ROUGH_MS:
            return ""
        if self.rate != 1.0:
            gain = abs(self.rate - 1) * 3600
            way = "slow" if self.rate > 1 else "fast"
            begins = f" after a shift of {_seconds(self.shift_ms)}"
            shift = begins if abs(self.shift_ms) > TOLD_MS else ""
            return f"Its clock ran {gain:.1f} s an hour too {way}{shift}."
        if abs(self.shift_ms) <= TOLD_MS:
            return ""
        way = "early" if self.shift_ms > 0 else "late"
        return f"Its times were {_seconds(self.shift_ms)} too {way}."


def fit(moments: Sequence[Moment]) -> ClockFit:
    """By medians: a third of wrong moments does no harm."""
    if not moments:
        return ClockFit()
    step = max(1, len(moments) // SAMPLES)
    some = sorted(moments)[::step]
    plain = _with_rate(some, 1.0)
    rate = _rate(some)
    if abs(rate - 1) < LEAST_DRIFT or abs(rate - 1) > MOST_DRIFT:
        return plain
    drifting = _with_rate(some, rate)
    return drifting if drifting.spread_ms < 0.7 * plain.spread_ms else plain


def _rate(moments: Sequence[Moment]) -> float:
    if moments[-1][0] - moments[0][0] < LONG_MS:
        return 1.0
    slopes = [
        (b[1] - a[1]) / (b[0] - a[0])
        for n, a in enumerate(moments)
        for b in moments[n + 1 :]
        if b[0] - a[0] >= APART_MS
    ]
    return median(slopes) if slopes else 1.0


def _with_rate(moments: Sequence[Moment], rate: float) -> ClockFit:
    shift = median(sound - rate * told for told, sound in moments)
    spread = median(abs(sound - rate * told - shift) for told, sound in moments)
    return ClockFit(round(shift), rate, round(spread))


def _seconds(ms: int) -> str:
    seconds = abs(ms) / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"
