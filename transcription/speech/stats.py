"""What the engine counts; read by metrics and by people who wonder."""

from collections import deque
from dataclasses import dataclass, field

from transcription.speech.captions import Caption

_RECENT = 512  # latencies that the percentiles look at


@dataclass(frozen=True)
class Snapshot:
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
    problem: str


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
            self.latencies.append(caption.latency_ms)

    def percentile(self, share: float) -> float | None:
        """Of the recent call latencies, in ms."""
        recent = sorted(self.latencies)
        return recent[int(share * (len(recent) - 1))] if recent else None
