"""An encoder calls by SRT: the room, the rows and who may."""

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from structlog.testing import capture_logs

from meetings import services as meetings
from meetings.media.ingress import libsrt
from meetings.media.ingress.srt_listener import Grant, Reject
from meetings.models import Meeting, Source, Track
from meetings.rooms import track_rows
from meetings.rooms.call_server import CallServer
from meetings.rooms.leases import Leases
from meetings.sources import callers, services, srt_address
from tests.cast import Cast
from tests.live_sources import QUIETLY, tone
from tests.programs import Add, state_of
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
TS = ["-c:a", "aac", "-b:a", "64k", "-f", "mpegts"]


@pytest.fixture
def port(settings: Any) -> int:
    """A site that takes callers on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        settings.SRT_PORT = int(probe.getsockname()[1])
    settings.PUBLIC_URL = "http://localhost:8000"
    return int(settings.SRT_PORT)


@pytest.fixture
def server(port: int, calls_here: CallServer) -> CallServer:
    return calls_here


@contextmanager
def encoder(address: str, seconds: float = 30) -> Iterator["subprocess.Popen[str]"]:
    """An FFmpeg that calls, and sends a tone."""
    command = [*QUIETLY, "-re", *tone(440, seconds), *TS, address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def is_refused(address: str) -> bool:
    with encoder(address, 2) as process:
        return process.wait(10) != 0


def stream_id(source: Source) -> str:
    found = re.search("streamid=([^&]+)", services.address_of(source))
    assert found
    return found[1]


def test_an_encoder_is_recorded_as_somebody_in_the_call(
    cast: Cast, server: CallServer, add: Add
) -> None:
    source = add("srt").source
    with encoder(services.address_of(source), 4) as process:
        wait_until(lambda: state_of(source) == ("publishing", ""))
        assert source.expires_at is None
        (entry,) = server.rooms._calls[cast.meeting.pk].people.values()
        assert (entry.name, entry.source, entry.recorded) == ("OBS", "srt", True)
        assert process.wait(15) == 0
    wait_until(lambda: state_of(source) == ("complete", ""))
    meetings.end_meeting(cast.meeting)
    assert track_rows.flush()
    track = Track.objects.get(participant=source.participant)
    assert 3000 <= track.duration_ms <= 5000


def test_the_first_source_starts_the_clock(
    cast: Cast, server: CallServer, add: Add
) -> None:
    rows = Meeting.objects.filter(pk=cast.meeting.pk)
    rows.update(state="open", started_at=None)
    source = add("srt").source
    with encoder(services.address_of(source)):
        wait_until(lambda: state_of(source)[0] == "publishing")
    assert rows.get().is_live


def test_wrong_secrets_do_not_get_in(cast: Cast, server: CallServer, add: Add) -> None:
    source, other = add("srt").source, add("srt").source
    address, others = map(services.address_of, (source, other))
    assert is_refused(address.replace("&passphrase=", "&passphrase=x"))
    assert is_refused(address.partition("&passphrase=")[0])
    mixed = address.partition("&")[0] + "&" + others.partition("&")[2]
    assert is_refused(mixed)
    assert state_of(source) == ("inactive", "")
    assert not server.rooms.sources(cast.meeting.pk)


def test_no_secret_is_kept_and_each_source_has_its_own(add: Add, settings: Any) -> None:
    one, other = add("srt").source, add("srt").source
    assert not (one.token_digest or one.url)
    secrets = [re.findall(r"[\w-]{32}", services.address_of(s)) for s in (one, other)]
    assert len({*secrets[0], *secrets[1]}) == 4
    assert services.address_of(one).startswith("srt://127.0.0.1:")
    settings.PUBLIC_URL = "https://[2001:db8::1]"
    assert services.address_of(one).startswith("srt://[2001:db8::1]:")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("", Reject.BAD_REQUEST),
        ("publish:a:b", Reject.BAD_REQUEST),
        ("publish:CODE:OBS:TOKEN", Reject.BAD_REQUEST),
        ("publish:CODE:ID:", Reject.UNAUTHORIZED),
        ("publish:CODE:ID:xxxxxxxx", Reject.UNAUTHORIZED),
        ("publish:CODE:9999999999999999999999:TOKEN", Reject.UNAUTHORIZED),
        ("publish:other:ID:TOKEN", Reject.NOT_FOUND),
        ("#!::r=CODE,u=ID,s=TOKEN,m=request", Reject.BAD_REQUEST),
    ],
)
def test_who_is_not_known_is_told_why(
    cast: Cast, server: CallServer, add: Add, said: str, answer: Reject
) -> None:
    source = add("srt").source
    token = stream_id(source).rpartition(":")[2]
    words = {"CODE": cast.code, "ID": str(source.pk), "TOKEN": token}
    for word, value in words.items():
        said = said.replace(word, value)
    assert server.callers.authorize(said) == answer


def test_both_forms_of_a_stream_id_are_known(
    cast: Cast, server: CallServer, add: Add
) -> None:
    source = add("srt").source
    token = stream_id(source).rpartition(":")[2]
    for said in (stream_id(source), f"#!::r={cast.code},u={source.pk},s={token}"):
        grant = server.callers.authorize(said)
        assert isinstance(grant, Grant)
        assert grant.participant_id == str(source.participant_id)
        assert grant.passphrase == srt_address.passphrase_of(source.pk)


def test_a_stranger_costs_no_question_to_the_database(
    cast: Cast, server: CallServer, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add("srt").source

    def look_up(*words: Any) -> Any:
        raise DatabaseError("asked")

    monkeypatch.setattr(server.callers, "_look_up", look_up)
    wrong = f"publish:{cast.code}:{source.pk}:{'x' * 32}"
    assert server.callers.authorize(wrong) is Reject.UNAUTHORIZED
    assert server.callers.authorize(stream_id(source)) is Reject.OVERLOAD


def test_a_database_that_is_slow_keeps_no_other_caller_waiting(
    server: CallServer, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, answers = add("srt").source, threading.Event()
    monkeypatch.setattr(callers, "PATIENCE", 0.05)
    monkeypatch.setattr(server.callers, "_look_up", lambda *words: answers.wait(20))
    assert server.callers.authorize(stream_id(source)) is Reject.OVERLOAD
    answers.set()


def test_who_may_not_come_is_sent_away(
    cast: Cast, server: CallServer, add: Add
) -> None:
    stopped, removed, late = (add("srt").source for _ in range(3))
    said = stream_id(removed)
    services.stop(stopped)
    services.remove(removed)
    Source.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(1))
    assert server.callers.authorize(stream_id(stopped)) is Reject.FORBIDDEN
    assert server.callers.authorize(said) is Reject.NOT_FOUND
    assert server.callers.authorize(stream_id(late)) is Reject.FORBIDDEN
    one = add("srt").source
    meetings.end_meeting(cast.meeting)
    assert server.callers.authorize(stream_id(one)) is Reject.FORBIDDEN


def test_a_stopped_encoder_is_out_at_once_and_may_start_again(
    cast: Cast, server: CallServer, add: Add
) -> None:
    source = add("srt").source
    with encoder(services.address_of(source)) as process:
        wait_until(lambda: state_of(source)[0] == "publishing")
        services.stop(source)
        assert server.rooms.sources(cast.meeting.pk) == []
        assert process.wait(10) != 0
        server.states.flush()
        assert state_of(source) == ("inactive", "")
    services.start(source)
    with encoder(services.address_of(source)):
        wait_until(lambda: state_of(source)[0] == "publishing")


def test_one_that_is_stopped_on_its_way_in_does_not_stay(
    cast: Cast, server: CallServer, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add("srt").source
    carry = server.sources.carry

    def stopped_meanwhile(*words: Any) -> None:
        rows = Source.objects.filter(pk=source.pk)
        stopping = threading.Thread(
            target=callers._with_database, args=(lambda: rows.update(wanted=False),)
        )
        stopping.start()
        stopping.join()
        carry(*words)

    monkeypatch.setattr(server.sources, "carry", stopped_meanwhile)
    with encoder(services.address_of(source)) as process:
        assert process.wait(4) != 0  # sooner than the next look at all calls


def test_the_end_of_the_call_ends_it(cast: Cast, server: CallServer, add: Add) -> None:
    source = add("srt").source
    with encoder(services.address_of(source)) as process:
        wait_until(lambda: state_of(source)[0] == "publishing")
        meetings.end_meeting(cast.meeting)
        server.states.flush()
        assert state_of(source)[0] == "complete"
        assert process.wait(10) != 0


def test_a_call_of_another_server_is_told_to_both_sides(
    cast: Cast, server: CallServer, add: Add
) -> None:
    source = add("srt").source
    server.leases.release(cast.meeting.pk)
    Leases("elsewhere", print).take(cast.meeting.pk)
    assert server.callers.authorize(stream_id(source)) is Reject.ELSEWHERE
    server.states.flush()
    assert state_of(source) == ("error", callers.ELSEWHERE)


def test_a_port_that_is_taken_is_said_once_and_taken_when_it_is_free(
    port: int, add: Add, request: pytest.FixtureRequest
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", port))
        with capture_logs() as logs:
            server: CallServer = request.getfixturevalue("calls_here")
            server._look()
    told = [line for line in logs if "by SRT" in line["event"]]
    assert [(line["port"], line["why"]) for line in told] == [(port, callers.BUSY)]
    server._look()
    with encoder(services.address_of(source := add("srt").source)):
        wait_until(lambda: state_of(source)[0] == "publishing")


def test_a_process_that_stops_lets_its_encoders_go(
    server: CallServer, add: Add
) -> None:
    source = add("srt").source
    with encoder(services.address_of(source)) as process:
        wait_until(lambda: state_of(source)[0] == "publishing")
        server.callers.stop()
        assert process.wait(10) != 0
    server.states.flush()
    assert state_of(source) == ("inactive", "")
    assert source.wanted


def test_without_a_port_nobody_is_taken_or_offered(
    cast: Cast, calls_here: CallServer, settings: Any
) -> None:
    answer = cast.owner.client.post(f"/room/{cast.code}/sources/", {"kind": "srt"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Nobody can call here by SRT")
    page = cast.owner.client.get(f"/room/{cast.code}/").content.decode()
    assert "an encoder sends" not in page
    settings.SRT_PORT = 9000
    page = cast.owner.client.get(f"/room/{cast.code}/").content.decode()
    assert "an encoder sends" in page


def test_without_the_library_the_reason_is_given(
    cast: Cast, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libsrt, "NAMES", ("libnothing.so.1",))
    libsrt.library.cache_clear()
    answer = cast.owner.client.post(f"/room/{cast.code}/sources/", {"kind": "srt"})
    monkeypatch.undo()
    libsrt.library.cache_clear()
    assert "apt-get install libsrt1.5-gnutls" in answer.json()["error"]


def test_the_address_is_shown_once(cast: Cast, port: int) -> None:
    path = f"/room/{cast.code}/sources/"
    told = cast.owner.client.post(path, {"kind": "srt"}).json()
    assert told["address"].startswith(f"srt://127.0.0.1:{port}?streamid=publish:")
    assert (told["kind"], told["token"]) == ("srt", "")
    shown = cast.owner.client.get(path).content.decode()
    assert "passphrase" not in shown and told["address"] not in shown
