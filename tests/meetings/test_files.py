"""Media bytes: who gets them, and which."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient

from meetings.models import Meeting, Recording
from meetings.models.recording import folder_of
from meetings.views import files
from tests.cast import Cast

BYTES = bytes(range(256)) * 40  # 10,240 bytes that tell where they stood


@pytest.fixture
def recording(cast: Cast) -> Recording:
    assert cast.guest.seat
    Meeting.objects.filter(pk=cast.meeting.pk).update(title='A "quoted" title')
    folder = folder_of(cast.meeting)
    for name in ("mix.webm", "stem-0.webm"):
        (folder / name).write_bytes(BYTES)
    (folder / "peaks.json").write_text('{"per_second": 20}')
    return Recording.objects.create(
        meeting=cast.meeting,
        mix="mix.webm",
        stems={str(cast.guest.seat.pk): "stem-0.webm"},
        peaks="peaks.json",
        duration_ms=1000,
    )


def get(cast: Cast, method: str = "get", **headers: str) -> HttpResponse:
    path = f"/calls/{cast.code}/media/mix"
    answer: HttpResponse = getattr(cast.owner.client, method)(path, headers=headers)
    return answer


async def body(cast: Cast, **headers: str) -> bytes:
    """The mix as the ASGI server sends it."""
    client = AsyncClient()
    client.cookies = cast.owner.client.cookies
    path = f"/calls/{cast.code}/media/mix"
    answer: Any = await client.get(path, headers=headers)
    return b"".join([block async for block in answer.streaming_content])


def test_it_requires_access(cast: Cast, recording: Recording) -> None:
    assert cast.guest.seat
    for address in ("media/mix", f"media/{cast.guest.seat.pk}", "peaks.json"):
        path = f"/calls/{cast.code}/{address}"
        assert cast.let_in(path) == {"owner", "teammate"}, address
        assert cast.let_in(path, "head") == {"owner", "teammate"}, address


def test_it_knows_only_people_of_this_call(cast: Cast, recording: Recording) -> None:
    assert cast.owner.seat and cast.other_guest.seat
    for pk in (cast.owner.seat.pk, cast.other_guest.seat.pk, 10**9):
        path = f"/calls/{cast.code}/media/{pk}"
        assert cast.owner.client.get(path).status_code == 404


def test_it_says_what_the_bytes_are(cast: Cast, recording: Recording) -> None:
    headers = get(cast).headers
    assert headers["Content-Type"] == "audio/webm"
    assert headers["Content-Length"] == "10240"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["Content-Disposition"] == (
        'inline; filename="A \\"quoted\\" title.webm"'
    )


def test_it_is_downloaded_under_its_title(cast: Cast, recording: Recording) -> None:
    answer = cast.owner.client.get(f"/calls/{cast.code}/media/mix?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.django_db(transaction=True)
async def test_it_sends_the_whole_file(cast: Cast, recording: Recording) -> None:
    assert await body(cast) == BYTES


@pytest.mark.django_db(transaction=True)
async def test_it_sends_the_part_that_was_asked_for(
    cast: Cast, recording: Recording
) -> None:
    assert await body(cast, range="bytes=1000-1999") == BYTES[1000:2000]
    assert await body(cast, range="bytes=-10") == BYTES[-10:]


def test_it_says_which_part_it_sends(cast: Cast, recording: Recording) -> None:
    answer = get(cast, range="bytes=1000-1999")
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == "bytes 1000-1999/10240"
    assert answer.headers["Content-Length"] == "1000"


def test_it_bounds_an_open_range(
    cast: Cast, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_PART", 4096)
    answer = get(cast, range="bytes=100-")
    assert answer.headers["Content-Range"] == "bytes 100-4195/10240"


def test_it_refuses_a_part_outside_the_file(cast: Cast, recording: Recording) -> None:
    answer = get(cast, range="bytes=10240-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */10240"


def test_it_answers_head_without_a_body(cast: Cast, recording: Recording) -> None:
    answer = get(cast, "head")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "10240"


def test_it_sends_nothing_that_the_player_has(cast: Cast, recording: Recording) -> None:
    etag = get(cast).headers["ETag"]
    again = get(cast, **{"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_it_starts_anew_when_the_file_changed(cast: Cast, recording: Recording) -> None:
    etag = get(cast).headers["ETag"]
    part = {"range": "bytes=0-9"}
    assert get(cast, **part, **{"if-range": etag}).status_code == 206
    assert get(cast, **part, **{"if-range": '"older"'}).status_code == 200


def test_it_draws_a_long_call_with_few_peaks(cast: Cast, recording: Recording) -> None:
    many = {"duration_s": 5.0, "per_second": 20, "mix": [0.1] * 99 + [0.9]}
    recording.path("peaks.json").write_text(json.dumps(many))
    path = f"/calls/{cast.code}/peaks.json"
    answer = cast.owner.client.get(f"{path}?points=4").json()
    assert answer == {"duration_s": 5.0, "mix": [0.1, 0.1, 0.1, 0.9]}
    assert cast.let_in(f"{path}?points=4") == {"owner", "teammate"}
    assert cast.owner.client.get(f"{path}?points=0").status_code == 200


def test_it_is_gone_when_the_file_is(cast: Cast, recording: Recording) -> None:
    Path(recording.path("mix.webm")).unlink()
    assert get(cast).status_code == 404
