"""Pulls: the rows say what is wanted, the process that holds the room does it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meetings import services as meetings
from meetings.models import Meeting, Source, Track
from meetings.rooms import orders, track_rows
from meetings.rooms.call_server import CallServer
from meetings.rooms.leases import Leases
from meetings.sources import running, services
from tests.cast import Cast
from tests.fakes import FakePull
from tests.live_sources import make, tone
from tests.programs import Add, state_of
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://user:secret@example.com/live.m3u8"


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakePull]]:
    monkeypatch.setattr(running, "known_pulls", lambda: {"hls": FakePull})
    monkeypatch.setattr(FakePull, "made", [])
    monkeypatch.setattr(FakePull, "broken", False)
    monkeypatch.setattr(FakePull, "stuck", False)
    yield FakePull.made


@pytest.fixture
def server(pulls: list[FakePull], calls_here: CallServer) -> CallServer:
    return calls_here


def test_a_wanted_pull_is_started_with_its_address(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    (pull,) = pulls
    assert pull.started.wait(5)
    assert (pull.id, pull.url) == (str(source.participant_id), URL)
    assert (pull.label, pull.recorded) == ("OBS", True)
    server.states.flush()
    assert state_of(source) == ("buffering", "")


def test_the_holder_of_a_room_is_told_at_once(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    server.leases.take(cast.meeting.pk)
    add("hls", url=URL)
    assert pulls[0].started.wait(5)


def test_a_call_in_which_nobody_is_gets_its_pull_at_the_next_look(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    server.leases.release(cast.meeting.pk)
    Meeting.objects.filter(pk=cast.meeting.pk).update(state="open", started_at=None)
    cast.meeting.refresh_from_db()
    add("hls", url=URL)
    assert pulls == []
    server._look()
    assert pulls[0].started.wait(5)
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_live


def test_a_call_that_another_process_holds_is_left_to_it(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    server.leases.release(cast.meeting.pk)
    add("hls", url=URL)
    Leases("elsewhere", print).take(cast.meeting.pk)
    server._look()
    assert pulls == []


def test_a_pull_is_started_once(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    add("hls", url=URL)
    for _ in range(3):
        server.sources.look(cast.meeting.pk)
    assert len(pulls) == 1


def test_its_state_goes_to_its_row(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    pulls[0].say("publishing")
    server.states.flush()
    assert state_of(source) == ("publishing", "")
    assert source.expires_at is None
    pulls[0].say("buffering", "The stream is away.")
    server.states.flush()
    assert state_of(source) == ("buffering", "The stream is away.")


@pytest.mark.parametrize("state", ["complete", "error"])
def test_what_ended_by_itself_is_not_started_again_unless_asked(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add, state: str
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    server.states.flush()
    pulls[0].say(state, "The stream ended.")
    server.sources.look(cast.meeting.pk)  # before and after the row is written
    server.states.flush()
    server.sources.look(cast.meeting.pk)
    assert len(pulls) == 1
    assert state_of(source) == (state, "The stream ended.")
    services.start(source)
    server.sources.look(cast.meeting.pk)
    assert len(pulls) == 2


def test_a_pull_that_cannot_start_is_an_error_without_its_address(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add, monkeypatch: Any
) -> None:
    monkeypatch.setattr(FakePull, "broken", True)
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    wait_until(lambda: state_of(source)[0] == "error")
    assert "secret" not in source.reason


def test_what_this_installation_cannot_pull_is_an_error(
    cast: Cast, server: CallServer, add: Add
) -> None:
    source = add("srt", url="srt://example.com:9000").source
    server.sources.look(cast.meeting.pk)
    server.states.flush()
    assert state_of(source) == ("error", "This server cannot pull SRT.")


def test_a_stopped_pull_is_stopped_before_the_answer(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    services.stop(source)
    assert pulls[0].stopped.is_set()
    pulls[0].say("publishing")  # a late word of it
    server.states.flush()
    assert state_of(source) == ("inactive", "")


def test_a_removed_pull_is_stopped(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    services.remove(source)
    assert pulls[0].stopped.is_set()
    assert not cast.meeting.participants.filter(name="OBS").exists()


def test_an_erased_person_is_pulled_no_more(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    source.participant.delete()
    assert not Source.objects.exists()
    server._look()
    assert pulls[0].stopped.is_set()


def test_the_end_of_the_call_ends_its_pulls(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    meetings.end_meeting(cast.meeting)
    assert pulls[0].stopped.is_set()
    server.states.flush()
    assert state_of(source)[0] == "complete"


def test_a_call_that_was_taken_over_is_pulled_there(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    server.states.flush()
    server._lose(cast.meeting.pk)
    assert pulls[0].stopped.is_set()
    pulls[0].say("complete")  # as its room was closed
    server.states.flush()
    assert state_of(source) == ("buffering", "")
    assert source.wanted


@pytest.mark.parametrize("kind", ["hls", "srt"])
def test_an_address_in_our_own_network_is_refused_with_its_reason(
    cast: Cast, calls_here: CallServer, add: Add, kind: str
) -> None:
    """By the library's own classes."""
    scheme = {"hls": "http", "srt": "srt"}[kind]
    source = add(kind, url=f"{scheme}://127.0.0.1:9999/x?secret=1").source
    calls_here.sources.look(cast.meeting.pk)
    wait_until(lambda: state_of(source)[0] == "error")
    assert source.reason and "secret" not in source.reason
    assert not source.wanted


def test_a_pull_that_does_not_stop_keeps_nobody(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add, monkeypatch: Any
) -> None:
    monkeypatch.setattr(FakePull, "stuck", True)
    monkeypatch.setattr(running, "STOPPING", 0.2)
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    began = time.monotonic()
    services.stop(source)
    assert time.monotonic() - began < 2


def test_a_process_that_stops_leaves_the_wish_to_the_next(
    cast: Cast, pulls: list[FakePull], server: CallServer, add: Add
) -> None:
    source = add("hls", url=URL).source
    server.sources.look(cast.meeting.pk)
    server.sources.stop()
    assert pulls[0].stopped.is_set()
    server.states.flush()
    source.refresh_from_db()
    assert (source.state, source.wanted) == ("inactive", True)


def test_adding_works_while_the_holder_does_not_answer(
    cast: Cast, pulls: list[FakePull], add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*words: Any) -> bool:
        raise orders.Unanswered("source")

    monkeypatch.setattr(orders, "give", silent)
    assert add("hls", url=URL).source.wanted


@pytest.fixture
def neighbours(settings: Any) -> None:
    """A site that pulls from this machine, too."""
    settings.SOURCE_NETWORKS = ["127.0.0.1/32"]


@pytest.fixture
def hls(tmp_path: Path) -> Iterator[str]:
    """The address of four seconds of a tone, by a web server of this machine."""
    out = tmp_path / "live.m3u8"
    make(out, *tone(440, 4), "-c:a", "aac", "-f", "hls", "-hls_time", "1")
    serve = ["-m", "http.server", "0", "--bind", "127.0.0.1", "-d", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-u", *serve],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        port = re.search(r"port (\d+)", process.stdout.readline())
        assert port
        yield f"http://127.0.0.1:{port[1]}/live.m3u8"
        process.terminate()


def test_a_web_stream_is_recorded_as_somebody_in_the_call(
    cast: Cast, neighbours: None, calls_here: CallServer, add: Add, hls: str
) -> None:
    source = add("hls", url=hls).source
    calls_here.sources.look(cast.meeting.pk)
    wait_until(lambda: state_of(source)[0] == "publishing", 15)
    wait_until(lambda: state_of(source) == ("complete", ""), 15)
    assert track_rows.flush()
    track = Track.objects.get(participant=source.participant)
    assert 3500 <= track.duration_ms <= 4500


def test_this_machine_and_its_neighbours_are_not_pulled_from(
    cast: Cast, calls_here: CallServer, add: Add, hls: str
) -> None:
    source = add("hls", url=hls).source
    calls_here.sources.look(cast.meeting.pk)
    wait_until(lambda: state_of(source)[0] == "error", 15)
    assert "is not a public address" in state_of(source)[1]
