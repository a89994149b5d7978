"""The host's addresses of sources: who may, what they tell, what they refuse."""

from typing import Any

import pytest
from django.utils import timezone

from meetings import services as meetings
from meetings.models import ConsentChoice, Meeting, Outlet, Source
from meetings.models.participant import SOUND_TEXT, VIDEO_TEXT
from meetings.sources.outlets import MOST, from_token
from meetings.sources.services import digest_of
from tests.cast import Cast
from tests.programs import Add

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://user:secret@example.com/live.m3u8"


def outlets(cast: Cast, rest: str = "") -> str:
    return f"/room/{cast.code}/outlets/{rest}"


def test_playback_addresses_are_for_the_host(cast: Cast) -> None:
    assert cast.let_in(outlets(cast)) == {"owner"}
    assert cast.let_in(outlets(cast), "post", data={"kind": "whep"}) == {"owner"}
    one = Outlet.objects.get()
    taken = outlets(cast, f"{one.pk}/take-back/")
    assert cast.stranger.gets_in(taken, "post") is False
    assert cast.let_in(taken, "post") == {"owner"}
    assert not Outlet.objects.exists()


def test_an_address_can_be_copied_again(cast: Cast) -> None:
    made = cast.owner.client.post(outlets(cast), {"kind": "whep"}).json()
    assert made["address"].endswith(f"/whep/{cast.code}/")
    (listed,) = cast.owner.client.get(outlets(cast)).json()["outlets"]
    assert listed == made and made["playing"] == 0
    assert made["token"] not in str(Outlet.objects.values().get())


def test_a_call_has_so_many_addresses_and_no_more(cast: Cast) -> None:
    for _ in range(MOST):
        cast.owner.client.post(outlets(cast), {"kind": "whep"})
    answer = cast.owner.client.post(outlets(cast), {"kind": "whep"})
    assert (answer.status_code, Outlet.objects.count()) == (409, MOST)
    assert cast.owner.client.post(outlets(cast), {"kind": "rtmp"}).status_code == 422


@pytest.mark.parametrize(
    "forged", ["", "x", "0" * 64, "\x00" * 64, "é" * 40, "0" * 5_000]
)
def test_a_forged_token_opens_nothing(cast: Cast, forged: str) -> None:
    assert from_token(forged) is None
    made = cast.owner.client.post(outlets(cast), {"kind": "whep"}).json()["token"]
    assert from_token(made) == Outlet.objects.get()
    for wrong in (made[:-1], made + "0", made[:32], made[:32] + "0" * 32):
        assert from_token(wrong) is None


def test_an_address_expires_and_ends_with_the_call(cast: Cast) -> None:
    made = cast.owner.client.post(outlets(cast), {"kind": "whep"}).json()["token"]
    Meeting.objects.filter(pk=cast.meeting.pk).update(state="ended")
    assert from_token(made) is None
    Meeting.objects.filter(pk=cast.meeting.pk).update(state="live")
    assert from_token(made)
    Outlet.objects.update(expires_at=timezone.now())
    assert from_token(made) is None


def path(cast: Cast, rest: str = "") -> str:
    return f"/room/{cast.code}/sources/{rest}"


def test_sources_are_for_the_host(cast: Cast) -> None:
    assert cast.let_in(path(cast)) == {"owner"}
    assert cast.let_in(path(cast), "post", data={"kind": "whip"}) == {"owner"}
    assert Source.objects.count() == 1


@pytest.mark.parametrize("change", ["stop", "start", "remove"])
def test_a_source_is_changed_by_the_host(cast: Cast, add: Add, change: str) -> None:
    one = add().source
    assert cast.let_in(path(cast, f"{one.pk}/{change}/"), "post") == {"owner"}
    answer = cast.owner.client.get(path(cast, f"{one.pk}/{change}/"))
    assert answer.status_code == 405


def test_a_source_of_another_call_is_not_found(cast: Cast, add: Add) -> None:
    one = add().source
    other = meetings.create_meeting(cast.owner.user)  # type: ignore[arg-type]
    Source.objects.filter(pk=one.pk).update(meeting=other)
    answer = cast.owner.client.post(path(cast, f"{one.pk}/remove/"))
    assert answer.status_code == 404


def test_the_token_is_shown_once(cast: Cast) -> None:
    data = {"kind": "whip", "name": "  Studio\n1 "}
    answer = cast.owner.client.post(path(cast), data)
    told = answer.json()
    source = Source.objects.get()
    assert answer.status_code == 201
    assert source.name == "Studio 1"
    assert told["address"].endswith(f"/whip/{cast.code}/")
    assert digest_of(told["token"]) == source.token_digest
    shown = cast.owner.client.get(path(cast)).content.decode()
    assert told["token"] not in shown and source.token_digest not in shown


@pytest.mark.parametrize("on", [True, False])
def test_who_adds_one_is_told_whether_its_picture_is_recorded(
    cast: Cast, settings: Any, on: bool
) -> None:
    settings.RECORD_VIDEO = True
    Meeting.objects.filter(pk=cast.meeting.pk).update(record_video=on)
    page = cast.owner.client.get(f"/room/{cast.code}/").content.decode()
    assert ("its picture too" in page) is on
    text = VIDEO_TEXT if on else SOUND_TEXT
    assert f'name="text" value="{text}"' in page
    cast.owner.client.post(path(cast), {"kind": "whip", "text": text})
    assert ConsentChoice.objects.get().text_version == text
    assert Source.objects.get().participant.video_is_recorded is on


def test_the_list_tells_how_they_are_and_no_address(cast: Cast, add: Add) -> None:
    one = add("hls", url=URL).source
    Source.objects.filter(pk=one.pk).update(state="error", reason="It is away.")
    (shown,) = cast.owner.client.get(path(cast)).json()["sources"]
    assert (shown["state"], shown["label"]) == ("error", "Error")
    assert (shown["reason"], shown["stopped"]) == ("It is away.", False)
    assert "secret" not in str(shown)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "rtmp"},
        {"kind": "hls"},
        {"kind": "hls", "url": "file:///etc/passwd"},
        {"kind": "whip", "name": "x" * 81},
    ],
)
def test_it_says_what_is_wrong(cast: Cast, data: Any) -> None:
    answer = cast.owner.client.post(path(cast), data)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not Source.objects.exists()


def test_a_ninth_source_is_one_too_many(cast: Cast, add: Add) -> None:
    for _ in range(8):
        add()
    answer = cast.owner.client.post(path(cast), {"kind": "whip"})
    assert answer.status_code == 409
    assert "Remove one" in answer.json()["error"]


def test_a_call_that_is_over_has_no_sources_to_change(cast: Cast, add: Add) -> None:
    one = add().source
    meetings.end_meeting(cast.meeting)
    assert cast.owner.client.get(path(cast)).status_code == 404
    assert cast.owner.client.post(path(cast, f"{one.pk}/start/")).status_code == 404


def test_only_the_host_has_the_dialog(cast: Cast) -> None:
    for visitor, has in ((cast.owner, True), (cast.guest, False)):
        for page in (f"/room/{cast.code}/", f"/room/{cast.code}/in/"):
            html = visitor.client.get(page).content.decode()
            assert ("<call-sources" in html) == has
