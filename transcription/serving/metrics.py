"""The engine of this process for Prometheus, read when it is asked for.

Nothing is counted twice: the engine counts for itself, and this tells how far it is.
"""

from collections.abc import Iterator, Mapping
from math import inf

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from transcription.serving.server import here
from transcription.speech.engine.stats import EngineStats


class EngineCollector(Collector):
    """Figures of the engine that serves; without one only what was configured."""

    def collect(self) -> Iterator[Metric]:
        status = here().status()
        yield GaugeMetricFamily(
            "earshot_config_version",
            "Version of languages, phrases and model that holds in this process",
            status["version"],
        )
        yield GaugeMetricFamily(
            "earshot_model_ready", "1 when captions can be made", status["ready"]
        )
        if engine := here().engine():
            yield from _of(engine.stats())


def _of(now: EngineStats) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "earshot_model",
        "What writes the captions",
        {"name": now.model, "device": now.device, "compute_type": now.compute_type},
    )
    yield _gauge("degraded", "1 after a GPU fault, until the next start", now.degraded)
    yield _gauge("streams", "People who are listened to", now.streams)
    yield _gauge("inference_batch_limit", "Windows of one call", now.batch_limit)
    yield _gauge("partial_period_seconds", "Between two partials", now.period)
    yield _gauge(
        "engine_load",
        "Share of time in which the model works on live captions",
        now.load,
    )
    waiting = GaugeMetricFamily(
        "earshot_queue_depth", "Utterances that wait for the model", labels=["path"]
    )
    waiting.add_metric(["live"], now.finals_waiting)
    waiting.add_metric(["recorded"], now.recorded_waiting)
    yield waiting
    yield _counters("captions", "Events", "kind", _kinds(now))
    yield _counters("audio_seconds", "Sound decoded", "path", _heard(now))
    yield _counters(
        "hallucinations_removed", "Texts that a filter removed", "rule", now.removals
    )
    yield _counter("inference_calls", "Calls of the model", now.calls)
    yield _counter("inference_windows", "Windows in these calls", now.items)
    yield _counter("inference_failures", "Calls that failed", now.failures)
    yield _counter("inference_busy_seconds", "Time in these calls", now.busy)
    yield _counter("partials_shed", "Partials left out for late finals", now.shed)
    yield HistogramMetricFamily(
        "earshot_caption_latency_seconds",
        "From the newest sample's arrival to a caption that still changes",
        buckets=[(_bound(seconds), count) for seconds, count in now.latencies],
        sum_value=now.latency_sum,
    )


def _kinds(now: EngineStats) -> dict[str, float]:
    return {"partial": now.partials, "final": now.finals}


def _heard(now: EngineStats) -> dict[str, float]:
    return {"live": now.live_audio, "recorded": now.recorded_audio}


def _bound(seconds: float) -> str:
    return "+Inf" if seconds == inf else str(seconds)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"earshot_{name}", about, value)


def _counter(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(f"earshot_{name}", about, value)


def _counters(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"earshot_{name}", about, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
