from typing import Any

import pytest
from django.test import Client

from meetings import access, services
from meetings.models import ConsentChoice, Meeting, Participant
from meetings.models.participant import SOUND_TEXT
from meetings.rooms.views import kept_for
from tests.cast import Cast, Visitor


def join(visitor: Visitor, code: str, **answers: Any) -> Participant:
    answer = visitor.client.post(f"/room/{code}/join/", answers)
    assert answer.headers.get("Location") == f"/room/{code}/in/", answer.status_code
    return Participant.objects.get(pk=visitor.client.session["seats"][code])


def test_it_takes_the_account_name_and_our_side(cast: Cast) -> None:
    seat = join(cast.teammate, cast.code, choice="recorded", name="Somebody Else")
    assert (seat.name, seat.side, seat.user) == ("teammate", "us", cast.teammate.user)


def test_it_takes_a_guest_by_name_on_their_side(cast: Cast) -> None:
    visitor = Visitor("late", Client())
    follow_link(cast, visitor)
    seat = join(visitor, cast.code, choice="unrecorded", name=" Carol\n Mendes ")
    assert (seat.name, seat.side, seat.consent) == (
        "Carol Mendes",
        "them",
        "unrecorded",
    )
    assert seat.link == cast.guest.link


def test_it_gives_colours_in_order_of_arrival(cast: Cast) -> None:
    late = Visitor("late", Client())
    follow_link(cast, late)
    seat = join(late, cast.code, choice="recorded", name="Carol")
    assert seat.colour == 2


def test_it_knows_a_guest_who_comes_back(cast: Cast) -> None:
    assert cast.guest.seat
    seat = join(cast.guest, cast.code, choice="recorded", name="Gita G.")
    assert (seat.pk, seat.name) == (cast.guest.seat.pk, "Gita G.")


def test_it_gives_an_account_one_seat_from_any_browser(cast: Cast) -> None:
    assert cast.owner.user and cast.owner.seat
    elsewhere = Visitor("phone", Client(), cast.owner.user)
    elsewhere.client.force_login(
        cast.owner.user, "django.contrib.auth.backends.ModelBackend"
    )
    assert join(elsewhere, cast.code, choice="recorded").pk == cast.owner.seat.pk


def test_a_colleague_of_another_team_joins_by_link_as_himself(cast: Cast) -> None:
    """And finds the call in his list, as the page before the room promises."""
    follow_link(cast, cast.stranger)
    lobby = cast.stranger.client.get(f"/room/{cast.code}/").content.decode()
    assert 'You join as <strong dir="auto">stranger</strong>' in lobby
    seat = join(cast.stranger, cast.code, choice="recorded", name="Nobody Else")
    assert (seat.name, seat.side, seat.user) == ("stranger", "us", cast.stranger.user)
    assert f"meeting-{cast.code}" in cast.stranger.client.get("/").content.decode()
    again = join(cast.stranger, cast.code, choice="unrecorded")
    assert again.pk == seat.pk
    cast.meeting.refresh_from_db()
    Meeting.objects.filter(pk=cast.meeting.pk).update(state="ended")
    assert cast.stranger.client.get(f"/calls/{cast.code}/").status_code == 200


def test_who_signs_in_after_joining_as_a_guest_keeps_the_seat(cast: Cast) -> None:
    assert cast.guest.seat and cast.stranger.user
    cast.guest.client.force_login(
        cast.stranger.user, "django.contrib.auth.backends.ModelBackend"
    )
    session = cast.guest.client.session
    access.redeem(session, cast.guest.link)  # type: ignore[arg-type]
    access.take_seat(session, cast.guest.seat)
    session.save()
    seat = join(cast.guest, cast.code, choice="recorded")
    assert (seat.pk, seat.user) == (cast.guest.seat.pk, cast.stranger.user)
    assert (seat.name, seat.side) == ("stranger", "us")


def test_an_outsider_whom_the_host_put_out_does_not_keep_the_call(cast: Cast) -> None:
    follow_link(cast, cast.stranger)
    seat = join(cast.stranger, cast.code, choice="recorded")
    services.remove(seat)
    assert cast.stranger.client.get(f"/room/{cast.code}/").status_code == 403
    assert f"meeting-{cast.code}" not in cast.stranger.client.get("/").content.decode()
    Meeting.objects.filter(pk=cast.meeting.pk).update(state="ended")
    assert cast.stranger.client.get(f"/calls/{cast.code}/").status_code == 404


def test_it_keeps_a_row_of_each_choice(cast: Cast) -> None:
    seat = join(cast.guest, cast.code, choice="recorded", name="Gita")
    join(cast.guest, cast.code, choice="unrecorded", name="Gita")
    rows = ConsentChoice.objects.filter(participant=seat).order_by("pk")
    assert [row.choice for row in rows] == ["recorded", "unrecorded"]
    assert {row.text_version for row in rows} == {SOUND_TEXT}
    assert {row.way for row in rows} == {"page"}


def test_it_hashes_the_address_with_the_secret_key(cast: Cast, settings: Any) -> None:
    before = services.address_hash("192.0.2.7")
    assert before == services.address_hash("192.0.2.7") and len(before) == 64
    settings.SECRET_KEY = "another"
    assert services.address_hash("192.0.2.7") != before


def test_it_asks_again_when_the_choice_is_missing(cast: Cast) -> None:
    answer = cast.guest.client.post(f"/room/{cast.code}/join/", {"name": "Gita"})
    assert answer.status_code == 422
    assert "Choose whether you are recorded" in answer.content.decode()


def test_it_takes_a_changed_mind_both_ways(cast: Cast) -> None:
    seat = cast.guest.seat
    assert seat
    for choice in ("unrecorded", "recorded"):
        path = f"/room/{cast.code}/consent/"
        assert cast.guest.client.post(path, {"choice": choice}).json() == {
            "choice": choice
        }
        seat.refresh_from_db()
        assert seat.consent == choice
    ways = ConsentChoice.objects.filter(participant=seat).values_list("way", flat=True)
    assert list(ways) == ["room", "room"]


def test_it_says_who_records_what_and_how_long(cast: Cast, settings: Any) -> None:
    settings.ORGANISATION, settings.RETENTION_DAYS = "Northwind", 90
    page = cast.guest.client.get(f"/room/{cast.code}/").content.decode()
    for words in ("Northwind", "owner", "90 days", "transcript", "Join unrecorded"):
        assert words in page


def test_it_shows_hostile_names_as_text(cast: Cast) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).update(title="<script>x</script>")
    page = cast.guest.client.get(f"/room/{cast.code}/in/").content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_it_loads_nothing_that_opens_a_microphone_before_the_choice(
    cast: Cast,
) -> None:
    page = cast.guest.client.get(f"/room/{cast.code}/").content.decode()
    assert 'src="/static/meetings/lobby.js"' in page
    assert 'src="/static/meetings/room.js"' not in page


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (365, "1 year"),
        (730, "2 years"),
        (90, "90 days"),
        (1, "1 day"),
        (400, "400 days"),
    ],
)
def test_it_says_a_time_as_people_do(days: int, text: str) -> None:
    assert kept_for(days) == text


def follow_link(cast: Cast, visitor: Visitor) -> None:
    assert cast.guest.link
    visitor.client.get(f"/join/{access.token_for(cast.guest.link)}/")
