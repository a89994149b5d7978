"""What a call is called: its title, else the people it was held with."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from meetings.models import Meeting, Participant
from meetings.models.meeting import listed
from tests.cast import Cast


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("A", "A"),
        ("AB", "A and B"),
        ("ABC", "A, B and C"),
        ("ABCDE", "A, B and 3 others"),
    ],
)
def test_it_lists_names_as_people_do(names: str, said: str) -> None:
    assert listed(list(names)) == said


@pytest.fixture
def untitled(cast: Cast) -> Meeting:
    Meeting.objects.filter(pk=cast.meeting.pk).update(title="")
    cast.meeting.refresh_from_db()
    return cast.meeting


def test_it_is_called_by_its_customers(untitled: Meeting) -> None:
    untitled.participants.create(name="Ben", side="them", consent="recorded")
    assert untitled.name == "Call with Gita Guest and Ben"


def test_it_is_called_by_its_people_where_no_customer_came(untitled: Meeting) -> None:
    untitled.participants.filter(side=Participant.Side.THEM).delete()
    assert untitled.name == "Call with Olga Owner"


@pytest.mark.django_db
def test_it_is_a_new_meeting_while_nobody_came() -> None:
    anna = User.objects.create_user("anna")
    assert Meeting.objects.create(owner=anna).name == "New meeting"


def test_guests_see_it_called_by_its_host(cast: Cast, untitled: Meeting) -> None:
    page = cast.guest.client.get(f"/room/{cast.code}/").content.decode()
    assert "Call with owner" in page
    assert "Gita Guest" not in page.partition("<main")[0]  # the title is no list


def rename(cast: Cast, title: str) -> Any:
    return cast.owner.client.post(f"/room/{cast.code}/title/", {"title": title})


def test_its_host_names_it_before_and_in_the_call(cast: Cast) -> None:
    told = rename(cast, " Globex\n renewal ").json()
    assert told == {"title": "Globex renewal", "name": "Globex renewal"}
    for place in ("", "in/"):
        page = cast.owner.client.get(f"/room/{cast.code}/{place}").content.decode()
        assert 'value="Globex renewal"' in page


def test_a_title_taken_away_leaves_the_people(cast: Cast) -> None:
    assert rename(cast, "").json() == {"title": "", "name": "Call with Gita Guest"}


def test_a_title_that_is_too_long_is_refused(cast: Cast) -> None:
    assert rename(cast, "x" * 201).status_code == 422


@pytest.mark.parametrize("place", ["", "in/"])
def test_only_its_host_gets_a_field_for_the_title(cast: Cast, place: str) -> None:
    page = cast.guest.client.get(f"/room/{cast.code}/{place}").content.decode()
    assert "<call-title" not in page
