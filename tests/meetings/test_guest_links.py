from datetime import timedelta
from typing import Any

import time_machine
from django.core.cache import cache
from django.utils import timezone

from meetings import access, services
from meetings.models import GuestLink
from tests.cast import Cast


def address(link: GuestLink) -> str:
    return f"/join/{access.token_for(link)}/"


def guest_link(cast: Cast) -> GuestLink:
    assert cast.guest.link
    return cast.guest.link


def test_it_leads_to_the_lobby_without_the_token(cast: Cast) -> None:
    answer = cast.nobody.client.get(address(guest_link(cast)))
    assert answer.headers["Location"] == f"/room/{cast.code}/"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert cast.nobody.client.get(f"/room/{cast.code}/").status_code == 200


def test_it_opens_no_other_meeting(cast: Cast) -> None:
    assert cast.other_guest.link
    cast.nobody.client.get(address(cast.other_guest.link))
    assert cast.nobody.client.get(f"/room/{cast.code}/").status_code == 404


def test_it_says_that_an_expired_link_is_spent(cast: Cast) -> None:
    link = guest_link(cast)
    with time_machine.travel(link.expires_at + timedelta(seconds=1)):
        assert cast.nobody.client.get(address(link)).status_code == 410


def test_it_says_that_a_revoked_link_is_spent(cast: Cast) -> None:
    services.revoke_links(cast.meeting.guest_links.all())
    assert cast.nobody.client.get(address(guest_link(cast))).status_code == 410


def test_it_does_not_know_a_forged_link(cast: Cast) -> None:
    token = access.token_for(guest_link(cast))
    forged = ("a" if token[0] != "a" else "b") + token[1:]
    assert cast.nobody.client.get(f"/join/{forged}/").status_code == 404


def test_it_makes_an_absolute_link_that_works(cast: Cast, settings: Any) -> None:
    answer = cast.owner.client.post(f"/room/{cast.code}/link/").json()
    assert answer["url"].startswith(f"{settings.PUBLIC_URL}/join/")
    path = answer["url"].removeprefix(settings.PUBLIC_URL)
    assert cast.nobody.client.get(path).status_code == 302


def test_it_hands_out_one_link_until_half_its_time_is_over(cast: Cast) -> None:
    assert cast.owner.user
    services.revoke_links(cast.meeting.guest_links.all())
    first = services.guest_link(cast.meeting, cast.owner.user)
    assert services.guest_link(cast.meeting, cast.owner.user) == first
    with time_machine.travel(timezone.now() + timedelta(hours=40)):
        assert services.guest_link(cast.meeting, cast.owner.user) != first


def test_it_revokes_all_links_of_the_meeting_only(cast: Cast) -> None:
    answer = cast.owner.client.post(f"/room/{cast.code}/revoke/").json()
    assert answer == {"revoked": 1}
    assert cast.guest.client.get(f"/room/{cast.code}/in/").status_code == 404
    assert cast.other_guest.link
    cast.other_guest.link.refresh_from_db()
    assert cast.other_guest.link.is_usable


def test_it_slows_down_who_tries_many_links(cast: Cast) -> None:
    cache.clear()
    path = "/join/nonsense/"
    answers = [cast.nobody.client.get(path).status_code for _ in range(31)]
    cache.clear()
    assert answers == [404] * 30 + [429]
