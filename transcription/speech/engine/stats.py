"""What the engine counts; read by metrics and by people who wonder."""

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf

from transcription.speech.engine.captions import Caption

_RECENT = 512  # latencies that the percentiles look at
# s, upper bounds of the latency's histogram
BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class EngineStats:
    """The engine at one moment. Durations in seconds, latencies in milliseconds."""

    model: str
    device: str
    compute_type: str
    streams: int
    finals_waiting: int
    recorded_waiting: int
    period: float
    load: float
    batch_limit: int  # windows of one call, less when the GPU's memory is short
    calls: int
    items: int
    partials: int
    finals: int
    failures: int
    shed: int
    removals: dict[str, int]
    busy: float
    live_audio: float
    recorded_audio: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latencies: tuple[tuple[float, int], ...]  # upper bound in s, how many up to it
    latency_sum: float
    problem: str
    degraded: bool  # slower than it was asked to be: memory is short, the GPU failed


@dataclass
class Counts:
    """Running totals; written by the engine's threads, each its own."""

    calls: int = 0
    items: int = 0
    partials: int = 0
    finals: int = 0
    failures: int = 0
    shed: int = 0  # partials that were left out for late finals
    busy: float = 0.0  # s that the model worked
    live_audio: float = 0.0  # s decoded by live calls
    recorded_audio: float = 0.0
    removals: dict[str, int] = field(default_factory=dict)
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    latency_sum: float = 0.0  # s
    _within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def hear(self, seconds: float, live: bool) -> None:
        """Note sound that was decoded."""
        if live:
            self.live_audio += seconds
        else:
            self.recorded_audio += seconds

    def caption(self, caption: Caption) -> None:
        """Note an event."""
        self.finals += caption.final
        self.partials += not caption.final
        for removal in caption.removals:
            self.removals[removal.reason] = self.removals.get(removal.reason, 0) + 1
        if caption.latency_ms is not None and not caption.final:
            self._late(caption.latency_ms)

    def _late(self, milliseconds: float) -> None:
        self.latencies.append(milliseconds)
        self.latency_sum += milliseconds / 1000
        self._within[bisect_left(BOUNDS, milliseconds / 1000)] += 1

    def histogram(self) -> tuple[tuple[float, int], ...]:
        """Of all latencies: upper bounds in s and how many were within, to infinity."""
        return tuple(zip((*BOUNDS, inf), accumulate(self._within), strict=True))

    def percentile(self, share: float) -> float | None:
        """Of the recent call latencies, in ms."""
        recent = sorted(self.latencies)
        return recent[int(share * (len(recent) - 1))] if recent else None
