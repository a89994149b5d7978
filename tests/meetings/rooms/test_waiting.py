"""The waiting room: who waits, who lets in, and what waiting keeps from whom."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from meetings import access, services
from meetings.media.errors import Forbidden
from meetings.models import Knock, Meeting, Participant
from meetings.rooms import waiting
from meetings.sources.streams import Streams
from tests.cast import Cast, Visitor
from tests.meetings.rooms import test_call
from tests.meetings.rooms.test_room_socket import hear

call_server_here = test_call.call_server_here
ANSWERS = {"name": "Nora", "choice": "recorded"}


@pytest.fixture
def shut(cast: Cast) -> Meeting:
    """The cast's call, whose guests wait."""
    waiting.switch(cast.meeting, True)
    return cast.meeting


def follow(cast: Cast, visitor: Visitor) -> None:
    assert cast.guest.link
    visitor.client.get(f"/join/{access.token_for(cast.guest.link)}/")


def knock(cast: Cast, visitor: Visitor, **answers: Any) -> Knock:
    follow(cast, visitor)
    path = f"/room/{cast.code}/join/"
    answer = visitor.client.post(path, {**ANSWERS, **answers})
    assert answer.headers.get("Location") == f"/room/{cast.code}/waiting/"
    return Knock.objects.latest("pk")


def state(cast: Cast, visitor: Visitor) -> str:
    answer = visitor.client.post(f"/room/{cast.code}/waiting/state/")
    return str(answer.json()["state"]) if answer.status_code == 200 else "gone"


def host(cast: Cast, order: str, **data: Any) -> Any:
    return cast.owner.client.post(f"/room/{cast.code}/{order}", data).json()


def door(cast: Cast) -> Any:
    return cast.owner.client.get(f"/room/{cast.code}/knocks/").json()


def is_in(cast: Cast, visitor: Visitor) -> bool:
    return visitor.client.get(f"/room/{cast.code}/in/").status_code == 200


def test_a_guest_waits_and_comes_in_when_let(cast: Cast, shut: Meeting) -> None:
    one = knock(cast, cast.nobody, choice="unrecorded")
    assert door(cast)["waiting"] == [{"id": one.pk, "name": "Nora"}]
    page = cast.nobody.client.get(f"/room/{cast.code}/in/", follow=True)
    assert page.redirect_chain[-1][0] == f"/room/{cast.code}/waiting/"
    assert state(cast, cast.nobody) == "waiting"
    assert host(cast, f"knocks/{one.pk}/let-in/") == {"let_in": 1}
    assert state(cast, cast.nobody) == "in"
    assert is_in(cast, cast.nobody)
    seat = Participant.objects.get(name="Nora")
    assert (seat.consent, seat.link) == ("unrecorded", cast.guest.link)
    assert seat.consent_log.count() == 1
    assert not Knock.objects.exists()


def test_who_waits_is_nobody_in_the_call(cast: Cast, shut: Meeting) -> None:
    """Nothing of the call is theirs, and nothing of the call knows them."""
    knock(cast, cast.nobody)
    client = cast.nobody.client
    for address in ("consent", "language"):
        path = f"/room/{cast.code}/{address}/"
        assert client.post(path, {**ANSWERS, "language": "fr"}).status_code == 404
    assert client.get(f"/room/{cast.code}/kept-sound/").status_code == 404
    assert not shut.participants.filter(name="Nora").exists()
    assert "Nora" not in cast.owner.client.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
async def test_who_waits_hears_and_reads_nothing(cast: Cast) -> None:
    await sync_to_async(waiting.switch)(cast.meeting, True)
    await sync_to_async(knock)(cast, cast.nobody)
    for socket in ("room", "captions", "calls"):
        assert not await cast.nobody.opens(f"/ws/{socket}/{cast.code}/")


@pytest.mark.django_db(transaction=True)
async def test_a_guest_link_plays_no_call_whose_guests_wait(cast: Cast) -> None:
    assert cast.guest.link
    await sync_to_async(waiting.switch)(cast.meeting, True)
    streams: Any = Streams.__new__(Streams)
    with pytest.raises(Forbidden):
        await Streams._player(
            streams, access.token_for(cast.guest.link), f"/whep/{cast.code}/"
        )


def test_colleagues_and_who_is_in_already_do_not_wait(
    cast: Cast, shut: Meeting
) -> None:
    for visitor in (cast.owner, cast.teammate, cast.guest):
        answer = visitor.client.post(f"/room/{cast.code}/join/", ANSWERS)
        assert answer.headers["Location"] == f"/room/{cast.code}/in/"


def test_an_account_of_another_team_waits_as_a_guest_does(
    cast: Cast, shut: Meeting
) -> None:
    one = knock(cast, cast.stranger)
    assert (one.name, one.user) == ("stranger", cast.stranger.user)
    assert cast.stranger.client.get(f"/calls/{cast.code}/").status_code == 404
    host(cast, f"knocks/{one.pk}/let-in/")
    assert state(cast, cast.stranger) == "in"
    assert shut.participants.get(user=cast.stranger.user).name == "stranger"


def test_who_is_refused_stays_out_until_the_host_thinks_again(
    cast: Cast, shut: Meeting
) -> None:
    one = knock(cast, cast.nobody)
    assert host(cast, f"knocks/{one.pk}/refuse/") == {"refused": True}
    assert state(cast, cast.nobody) == "refused"
    knock(cast, cast.nobody, name="Somebody else")  # the same browser, again
    assert state(cast, cast.nobody) == "refused"
    assert door(cast)["waiting"] == []
    assert door(cast)["refused"] == [{"id": one.pk, "name": "Somebody else"}]
    host(cast, f"knocks/{one.pk}/let-in/")
    assert state(cast, cast.nobody) == "in"


def test_who_was_let_in_is_not_refused_any_more(cast: Cast, shut: Meeting) -> None:
    """Two hosts at once: the first word holds."""
    one = knock(cast, cast.nobody)
    host(cast, f"knocks/{one.pk}/let-in/")
    assert host(cast, f"knocks/{one.pk}/refuse/") == {"refused": False}
    assert state(cast, cast.nobody) == "in"


def test_all_are_let_in_whom_the_host_was_shown(cast: Cast, shut: Meeting) -> None:
    others = [Visitor(name, Client()) for name in ("Ida", "Jon", "Kim")]
    ids = [knock(cast, one, name=one.name).pk for one in others]
    shown = f"{ids[0]},{ids[1]},x,{10**30}"
    assert host(cast, "knocks/let-in/", ids=shown) == {"let_in": 2}
    assert [state(cast, one) for one in others] == ["in", "in", "waiting"]


def test_two_pages_of_one_browser_take_one_seat(cast: Cast, shut: Meeting) -> None:
    one = knock(cast, cast.nobody)
    host(cast, f"knocks/{one.pk}/let-in/")
    one.refresh_from_db()
    user: Any = cast.stranger.user
    assert waiting.come_in(one, user, "::1") is not None
    assert waiting.come_in(one, user, "::1") is None


def test_switched_off_it_lets_in_who_waits(cast: Cast, shut: Meeting) -> None:
    knock(cast, cast.nobody)
    assert host(cast, "waiting/switch/", on="false") == {"on": False}
    assert state(cast, cast.nobody) == "in"


def test_a_page_that_was_closed_is_not_shown(cast: Cast, shut: Meeting) -> None:
    one = knock(cast, cast.nobody)
    Knock.objects.update(seen_at=timezone.now() - waiting.PRESENT)
    assert door(cast)["waiting"] == []
    assert state(cast, cast.nobody) == "waiting"  # it was only away
    assert door(cast)["waiting"] == [{"id": one.pk, "name": "Nora"}]


def test_a_page_that_says_goodbye_is_gone_at_once(cast: Cast, shut: Meeting) -> None:
    one = knock(cast, cast.nobody)
    path = f"/room/{cast.code}/waiting/state/"
    cast.nobody.client.post(path, {"leaving": "1"})
    assert door(cast)["waiting"] == []
    assert state(cast, cast.nobody) == "waiting"  # it was only a reload
    assert door(cast)["waiting"] == [{"id": one.pk, "name": "Nora"}]


def test_withdrawn_links_end_the_waiting(cast: Cast, shut: Meeting) -> None:
    knock(cast, cast.nobody)
    services.close_links(shut)
    assert state(cast, cast.nobody) == "waiting"  # the host decides
    services.revoke_links(shut.guest_links.all())
    assert state(cast, cast.nobody) == "gone"


def test_the_end_of_the_call_is_told_and_keeps_nobody(
    cast: Cast, shut: Meeting
) -> None:
    knock(cast, cast.nobody)
    services.end_meeting(shut)
    assert not Knock.objects.exists()
    assert state(cast, cast.nobody) == "gone"


def test_it_says_whether_a_host_is_there(cast: Cast, shut: Meeting) -> None:
    knock(cast, cast.nobody)
    path = f"/room/{cast.code}/waiting/state/"
    assert cast.nobody.client.post(path).json()["host"] is True
    shut.participants.update(left_at=timezone.now())
    assert cast.nobody.client.post(path).json()["host"] is False


@pytest.mark.parametrize(
    "order",
    ["waiting/switch/", "knocks/let-in/", "knocks/{}/let-in/", "knocks/{}/refuse/"],
)
def test_the_door_is_the_owners(cast: Cast, shut: Meeting, order: str) -> None:
    one = knock(cast, Visitor("late", Client()))
    path = f"/room/{cast.code}/{order.format(one.pk)}"
    assert cast.let_in(path, "post") == {"owner"}
    assert cast.owner.client.get(path).status_code == 405
    elsewhere = path.replace(cast.code, "nowhere")
    assert cast.owner.client.post(elsewhere).status_code == 404


def test_who_knocks_is_for_the_owner(cast: Cast, shut: Meeting) -> None:
    assert cast.let_in(f"/room/{cast.code}/knocks/") == {"owner"}


def test_the_page_that_waits_is_for_who_knocked(cast: Cast, shut: Meeting) -> None:
    knock(cast, cast.nobody)
    path = f"/room/{cast.code}/waiting/"
    pages = {v.name: v.client.get(path).status_code for v in cast.everybody}
    assert [name for name, status in pages.items() if status == 200] == ["nobody"]
    assert cast.let_in(f"{path}state/", "post") == {"nobody", "owner", "guest"}


@pytest.mark.django_db(transaction=True)
async def test_hosts_are_told_that_somebody_knocks(
    cast: Cast, call_server_here: None
) -> None:
    path = f"/ws/room/{cast.code}/"
    await sync_to_async(waiting.switch)(cast.meeting, True)
    async with (
        cast.owner.socket(path) as (_, owner),
        cast.guest.socket(path) as (_, guest),
    ):
        await hear(owner), await hear(guest)
        await sync_to_async(knock)(cast, cast.nobody)
        assert await hear(owner) == {"type": "knocks"}
        assert await guest.receive_nothing()
