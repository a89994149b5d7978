"""How long the line of each person is, beside what is recorded of them."""

from typing import Any

import pytest

from meetings.media import round_trip
from meetings.media.egress.manifest import RecordingManifest
from tests.meetings.media.conftest import CallHost, Enter


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trip, "EVERY", 0.1)


def noted(host: CallHost, person: str) -> list[dict[str, Any]]:
    notes = RecordingManifest(host.record_dir).notes()
    return [
        note
        for note in notes
        if (note["event"], note["participant_id"]) == ("round_trip", person)
    ]


async def test_it_notes_the_delay_of_a_line(host: CallHost, enter: Enter) -> None:
    await enter("far", delay=0.4)
    await enter("near")
    far = await host.until(lambda: noted(host, "far"))
    near = await host.until(lambda: noted(host, "near"))
    assert 400 <= far[0]["ms"] < near[0]["ms"] + 600
    assert near[0]["ms"] < 400
    assert far[0]["at_ms"] > 0


async def test_nothing_is_noted_of_who_is_not_recorded(
    host: CallHost, enter: Enter
) -> None:
    await enter("ann", recorded=False)
    await enter("bob")
    await host.until(lambda: noted(host, "bob"))
    people = host.room.participants
    await host.until(lambda: people["ann"].peer.round_trip is not None)
    await host.server.close_room("standup")
    assert noted(host, "ann") == []


async def test_who_hears_nobody_has_no_line(host: CallHost, enter: Enter) -> None:
    await enter("ann", seats=0)
    assert host.room.participants["ann"].peer.round_trip is None


async def test_a_clock_that_was_set_measures_no_line(
    host: CallHost, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enter("ann")
    await enter("bob")
    peer = host.room.participants["ann"].peer
    await host.until(lambda: peer.round_trip is not None)
    for _, _, _, sender in peer._locals:  # type: ignore[attr-defined]
        monkeypatch.setattr(sender, "_RTCRtpSender__rtt", -3.0)
    assert peer.round_trip is None
