import asyncio
import json
from typing import Any

import pytest

from transcription.live import hub as hubs
from transcription.live.hub import QUEUE_EVENTS, Full, Hub, Hubs


def event(line: str, text: str = "", final: bool = False) -> dict[str, Any]:
    return {"id": line, "stable": text, "final": final}


async def read(viewer: Any, count: int) -> list[dict[str, Any]]:
    return [json.loads(await asyncio.wait_for(viewer.next(), 2)) for _ in range(count)]


async def test_it_sends_every_line_to_every_viewer() -> None:
    hub = Hub()
    viewers = [hub.join()[0] for _ in range(3)]
    hub.publish(event("a", "hello", final=True))
    for viewer in viewers:
        (got,) = await read(viewer, 1)
        assert (got["type"], got["id"], got["stable"]) == ("caption", "a", "hello")


async def test_it_replays_the_newest_state_of_each_line_to_a_late_joiner() -> None:
    hub = Hub()
    hub.publish(event("a", "hel"))
    hub.publish(event("b", "good"))
    hub.publish(event("a", "hello", final=True))
    _, missed = hub.join()
    assert [(e["id"], e["stable"]) for e in map(json.loads, missed)] == [
        ("b", "good"),
        ("a", "hello"),
    ]


async def test_it_resumes_after_the_last_seen_number() -> None:
    hub = Hub()
    hub.publish(event("a", final=True))
    seen = hub.seq
    hub.publish(event("b", final=True))
    _, missed = hub.join(since=seen)
    assert [json.loads(text)["id"] for text in missed] == ["b"]


async def test_a_reader_gets_no_line_that_began_before_they_came() -> None:
    hub = Hub()
    for line, start_ms in (("early", 1_000), ("late", 9_000)):
        hub.publish({**event(line, final=True), "start_ms": start_ms})
    viewer, missed = hub.join(from_ms=5_000)
    assert [json.loads(text)["id"] for text in missed] == ["late"]
    hub.publish({**event("early", "again", final=True), "start_ms": 1_000})
    hub.publish({**event("new", final=True), "start_ms": 12_000})
    (got,) = await read(viewer, 1)
    assert got["id"] == "new"


async def test_a_meeting_has_so_many_viewers_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "MOST_VIEWERS", 2)
    hub = Hub()
    first, _ = hub.join(name="ann")
    hub.join(name="ben")
    with pytest.raises(Full):
        hub.join(name="cem")
    hub.leave(first)
    hub.join(name="cem")


async def test_a_person_cannot_take_the_places_of_others() -> None:
    hub = Hub()
    for _ in range(hubs.MOST_OF_ONE):
        hub.join(name="ann")
    with pytest.raises(Full):
        hub.join(name="ann")
    hub.join(name="ben")


async def test_its_numbers_go_up_over_a_restart() -> None:
    before = Hub()
    before.publish(event("a"))
    await asyncio.sleep(0.01)
    assert Hub().seq > before.seq


async def test_a_waiting_partial_is_overtaken_by_the_next_text_of_its_line() -> None:
    hub = Hub()
    viewer, _ = hub.join()
    for text in ("h", "he", "hel"):
        hub.publish(event("a", text))
    (got,) = await read(viewer, 1)
    assert got["stable"] == "hel"


async def test_a_slow_viewer_loses_partials_and_no_final() -> None:
    hub = Hub()
    viewer, _ = hub.join()
    for number in range(QUEUE_EVENTS):
        hub.publish(event(f"partial{number}"))
    for number in range(10):
        hub.publish(event(f"final{number}", final=True))
    got = await read(viewer, QUEUE_EVENTS)
    finals = [e["id"] for e in got if e["final"]]
    assert finals == [f"final{n}" for n in range(10)]
    assert viewer.dropped == 10


async def test_a_viewer_that_cannot_take_finals_is_told_to_come_again() -> None:
    hub = Hub()
    viewer, _ = hub.join()
    for number in range(QUEUE_EVENTS + 1):
        hub.publish(event(f"final{number}", final=True))
    await asyncio.wait_for(viewer.lost.wait(), 2)


async def test_it_takes_events_from_another_thread() -> None:
    hub = Hub()
    viewer, _ = hub.join()
    reading = asyncio.create_task(viewer.next())
    await asyncio.to_thread(hub.publish, event("a", "hello"))
    assert json.loads(await asyncio.wait_for(reading, 2))["stable"] == "hello"


async def test_who_holds_the_call_anew_has_the_lines_of_who_held_it_before() -> None:
    rows, epoch = [event("a", "one", final=True) | {"rev": 0}], 1
    of_site = Hubs(lambda meeting: rows, lambda meeting: epoch)
    hub = of_site.get(7)
    viewer, _ = hub.join()
    rows.append(event("b", "two", final=True) | {"rev": 0})
    assert of_site.get(7) is hub
    assert len(hub.join()[1]) == 1
    epoch = 2
    assert of_site.get(7) is hub
    assert [json.loads(text)["id"] for text in hub.join()[1]] == ["a", "b"]
    (got,) = await read(viewer, 1)
    assert got["id"] == "b"
