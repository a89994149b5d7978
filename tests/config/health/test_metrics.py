"""/metrics: who may read it, and what it says of an engine at work."""

import pytest
from django.conf import settings
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.fixture_model import FIXTURE_MODEL
from tests.cast import Cast
from transcription.serving import server
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.stats import Counts

FAR = "203.0.113.7"


def figures(client: Client) -> dict[str, float]:
    """Each sample of /metrics by its name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.django_db
def test_it_tells_this_machine_only(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    refused = client.get("/metrics", REMOTE_ADDR=FAR)
    assert (refused.status_code, refused.json()) == (403, {"error": "token_needed"})


@pytest.mark.parametrize("header", ["X-Was-Forwarded", "Forwarded", "Via", "X-Real-IP"])
def test_it_does_not_take_a_proxy_for_this_machine(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "x"}).status_code == 403


@pytest.mark.parametrize(
    "known", [{"public_url": "https://a.example"}, {"trust_proxy": True}]
)
def test_nothing_is_local_behind_a_known_proxy(
    client: Client, known: dict[str, object]
) -> None:
    with override_settings(ENV=settings.ENV.model_copy(update=known)):
        assert client.get("/metrics").status_code == 403


@pytest.mark.django_db
@override_settings(METRICS_TOKEN="a token")
def test_it_tells_who_has_the_token(client: Client) -> None:
    right = {"Authorization": "Bearer a token"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR=FAR).status_code == 200
    for wrong in ("Bearer a tok", "Bearer", "a token", "", "Bearer ä"):
        headers = {"Authorization": wrong}
        assert client.get("/metrics", headers=headers).status_code == 403


@override_settings(METRICS_TOKEN="a token")
def test_no_account_and_no_guest_link_opens_it(cast: Cast) -> None:
    assert cast.let_in("/metrics") == set()


@pytest.mark.django_db
def test_it_says_what_is_missing_without_an_engine(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    found = figures(client)
    assert found["earshot_model_ready"] == 0
    assert "earshot_streams" not in found


@pytest.mark.django_db
def test_it_follows_the_engine(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(FIXTURE_MODEL, device="cpu", cpu_threads=1)
    monkeypatch.setattr(server.here(), "engine", lambda: engine)
    engine._scheduler.counts.hear(2.5, live=True)
    stream = engine.open_stream(lambda caption: None)
    found = figures(client)
    assert found["earshot_streams"] == 1
    assert found["earshot_audio_seconds_total/live"] == 2.5
    assert found["earshot_captions_total/final"] == 0
    assert found["earshot_caption_latency_seconds_bucket/+Inf"] == 0
    assert found["earshot_degraded"] == 0
    stream.close()
    engine._board.streams.clear()


def test_it_counts_latencies_up_to_each_bound() -> None:
    counts = Counts()
    for milliseconds in (40, 50, 120, 9000):
        counts._late(milliseconds)
    within = dict(counts.histogram())
    assert [within[bound] for bound in (0.05, 0.1, 0.15, 5.0)] == [2, 2, 3, 3]
    assert within[float("inf")] == 4
    assert counts.latency_sum == pytest.approx(9.21)
