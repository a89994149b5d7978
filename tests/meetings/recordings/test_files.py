"""Media files: who gets them, and what the front is told."""

from pathlib import Path
from typing import Any

import pytest

from meetings.models import Meeting, Recording, Track
from meetings.models.recording import folder_of
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


def get(cast: Cast) -> Any:
    return cast.owner.client.get(f"/calls/{cast.code}/media/mix")


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


def test_it_has_the_front_send_the_file(cast: Cast, recording: Recording) -> None:
    headers = get(cast).headers
    place = f"/protected/{folder_of(cast.meeting).name}/mix.webm"
    assert headers["X-Accel-Redirect"] == place
    assert headers["Content-Type"] == "audio/webm"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["Content-Disposition"] == 'inline; filename="A -quoted- title.webm"'


def test_what_a_tab_played_is_a_sound_of_its_own(
    cast: Cast, recording: Recording
) -> None:
    assert cast.guest.seat
    path = f"/calls/{cast.code}/media/{cast.guest.seat.pk}?tab"
    assert cast.owner.client.get(path).status_code == 404
    (folder_of(cast.meeting) / "stem-1.webm").write_bytes(BYTES)
    recording.stems[f"{cast.guest.seat.pk}/tab"] = "stem-1.webm"
    recording.save()
    place = cast.owner.client.get(path).headers["X-Accel-Redirect"]
    assert place.endswith("/stem-1.webm")
    assert cast.let_in(path) == {"owner", "teammate"}


@pytest.fixture
def screen(cast: Cast) -> Track:
    assert cast.guest.seat
    (folder_of(cast.meeting) / "screen.webm").write_bytes(BYTES)
    return Track.objects.create(
        participant=cast.guest.seat,
        source="screen",
        state="closed",
        file="screen.webm",
        duration_ms=4000,
    )


def test_a_screen_requires_access(cast: Cast, screen: Track) -> None:
    path = f"/calls/{cast.code}/video/{screen.pk}"
    assert cast.let_in(path) == {"owner", "teammate"}
    assert cast.let_in(path, "head") == {"owner", "teammate"}


def test_the_front_sends_a_screen(cast: Cast, screen: Track) -> None:
    path = f"/calls/{cast.code}/video/{screen.pk}"
    headers = cast.owner.client.get(path).headers
    place = f"/protected/{folder_of(cast.meeting).name}/screen.webm"
    assert (headers["X-Accel-Redirect"], headers["Content-Type"]) == (
        place,
        "video/webm",
    )
    kept = cast.owner.client.get(f"{path}?download=1").headers["Content-Disposition"]
    assert kept.startswith("attachment;") and "shared screen.webm" in kept


@pytest.mark.parametrize("facts", [{"source": "microphone"}, {"state": "open"}])
def test_it_sends_only_pictures_that_can_be_played(
    cast: Cast, screen: Track, facts: dict[str, str]
) -> None:
    Track.objects.filter(pk=screen.pk).update(**facts)
    path = f"/calls/{cast.code}/video/{screen.pk}"
    assert cast.owner.client.get(path).status_code == 404


def test_it_sends_no_screen_of_another_call(cast: Cast, screen: Track) -> None:
    assert cast.other_guest.seat
    Track.objects.filter(pk=screen.pk).update(participant=cast.other_guest.seat)
    path = f"/calls/{cast.code}/video/{screen.pk}"
    assert cast.owner.client.get(path).status_code == 404


def test_it_is_downloaded_under_its_title(cast: Cast, recording: Recording) -> None:
    answer = cast.owner.client.get(f"/calls/{cast.code}/media/mix?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_download_plays_everywhere(cast: Cast, recording: Recording) -> None:
    path = f"/calls/{cast.code}/media/mix?download=1"
    kept = recording.path("mix.m4a")
    kept.write_bytes(BYTES)
    assert cast.let_in(path) == {"owner", "teammate"}
    headers = cast.owner.client.get(path).headers
    assert headers["X-Accel-Redirect"].endswith("/mix.m4a")
    assert headers["Content-Type"] == "audio/mp4"
    assert '.m4a"' in headers["Content-Disposition"]
    assert get(cast).headers["Content-Type"] == "audio/webm"

    kept.unlink()  # a call that was mixed before there was one
    assert '.webm"' in cast.owner.client.get(path).headers["Content-Disposition"]


def test_it_draws_a_long_call_from_a_short_file(
    cast: Cast, recording: Recording
) -> None:
    path = f"/calls/{cast.code}/peaks.json?overview"
    few = recording.path("peaks.json").with_name("overview.json")
    few.write_text("{}")
    answer = cast.owner.client.get(path)
    assert answer.headers["X-Accel-Redirect"].endswith("/overview.json")
    assert cast.let_in(path) == {"owner", "teammate"}
    few.unlink()  # a call that was mixed before there was one
    answer = cast.owner.client.get(path)
    assert answer.headers["X-Accel-Redirect"].endswith("/peaks.json")


def test_it_is_gone_when_the_file_is(cast: Cast, recording: Recording) -> None:
    Path(recording.path("mix.webm")).unlink()
    assert get(cast).status_code == 404
