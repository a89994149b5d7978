"""Moments that somebody keeps, and takes back."""

import pytest

from dashboard.models import Bookmark
from meetings.models import Participant
from tests.cast import Cast, Visitor
from tests.dashboard.calls import say


def keep(visitor: Visitor, code: str, ms: object, on: str = "1") -> int:
    sent = {"ms": str(ms), "on": on}
    return visitor.client.post(f"/calls/{code}/bookmarks/", sent).status_code


def marks(visitor: Visitor, code: str) -> list[list[object]]:
    told = visitor.client.get(f"/calls/{code}/marks/").json()
    assert ["bookmark", "Bookmarks"] in told["rows"]
    return [mark for mark in told["marks"] if mark[0] == "bookmark"]


def test_it_keeps_moments_for_who_may_see_the_call(
    cast: Cast, owner: Participant
) -> None:
    path = f"/calls/{cast.code}/bookmarks/"
    let_in = cast.let_in(path, "post", data={"ms": "0", "on": "1"})
    assert let_in == {"owner", "teammate"}


def test_it_marks_the_moment_with_what_is_said_there(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "Hello")
    say(guest, 3000, "The price is <b>too</b> high.")
    assert keep(cast.owner, cast.code, 3500) == 204
    label = "0:03 Gita Guest: The price is <b>too</b> high."
    assert marks(cast.owner, cast.code) == [["bookmark", 3500, label, "#t=3.5"]]


def test_it_shows_them_to_nobody_else(cast: Cast, owner: Participant) -> None:
    keep(cast.owner, cast.code, 3500)
    assert marks(cast.teammate, cast.code) == []
    keep(cast.teammate, cast.code, 3500, on="")
    assert len(marks(cast.owner, cast.code)) == 1


def test_before_the_first_word_it_has_the_time_alone(
    cast: Cast, owner: Participant
) -> None:
    say(owner, 2000, "Hello")
    keep(cast.owner, cast.code, 1000)
    assert marks(cast.owner, cast.code) == [["bookmark", 1000, "0:01", "#t=1.0"]]


def test_moments_within_a_second_are_one(cast: Cast, owner: Participant) -> None:
    for ms in (5000, 5000, 5900):
        keep(cast.owner, cast.code, ms)
    assert Bookmark.objects.count() == 1


def test_it_takes_back_the_one_that_is_near(cast: Cast, owner: Participant) -> None:
    keep(cast.owner, cast.code, 5000)
    keep(cast.owner, cast.code, 9000)
    assert keep(cast.owner, cast.code, 5600, on="") == 204
    assert [mark[1] for mark in marks(cast.owner, cast.code)] == [9000]


@pytest.mark.parametrize("ms", ["", "-1", "now", "²", "99999999999", "3000000000"])
def test_it_refuses_what_is_no_moment(cast: Cast, owner: Participant, ms: str) -> None:
    assert keep(cast.owner, cast.code, ms) == 400


def test_one_person_has_so_many_in_a_call(
    cast: Cast, owner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.call.bookmarks.MOST", 2)
    for ms in (0, 5000, 10_000):
        keep(cast.owner, cast.code, ms)
    assert Bookmark.objects.count() == 2
