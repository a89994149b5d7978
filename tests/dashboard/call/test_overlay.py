"""Marks on the lanes, who spoke when, and words that are found in one call."""

from typing import Any

import pytest

from dashboard.call.find import hits
from dashboard.search.index import rebuild
from meetings.models import Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Removal


def fetch(cast: Cast, piece: str, **query: str) -> Any:
    return cast.owner.client.get(f"/calls/{cast.code}/{piece}/", query).json()


@pytest.mark.parametrize("piece", ["marks", "speech", "find"])
def test_it_shows_them_to_who_may_see_the_call(
    cast: Cast, owner: Participant, piece: str
) -> None:
    path = f"/calls/{cast.code}/{piece}/"
    assert cast.let_in(path) == {"owner", "teammate"}


def test_it_marks_questions_of_each_side_and_what_was_removed(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "How much do you pay?")
    say(guest, 3000, "Why do you ask?")
    Removal.objects.create(
        meeting=owner.meeting,
        participant=owner,
        raw="<b>Subscribe</b>",
        reason="loop",
        start_ms=5000,
        end_ms=6000,
    )
    told = fetch(cast, "marks")
    assert told["marks"] == [
        ["question-us", 0, "0:00 Olga Owner: How much do you pay?", "#t=0.0"],
        ["question-them", 3000, "0:03 Gita Guest: Why do you ask?", "#t=3.0"],
        [
            "removed",
            5000,
            "0:05 <b>Subscribe</b> (the same words again and again)",
            "#t=5.0",
        ],
    ]
    assert {kind for kind, _ in told["rows"]} >= {one[0] for one in told["marks"]}


def test_what_was_restored_has_no_mark(cast: Cast, owner: Participant) -> None:
    Removal.objects.create(
        meeting=owner.meeting,
        participant=owner,
        raw="Yes",
        reason="loop",
        start_ms=0,
        end_ms=100,
        restored_at=owner.joined_at,
    )
    assert fetch(cast, "marks")["marks"] == []


def test_it_tells_when_each_person_spoke(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "One", voice=[[0, 900], [1000, 1500], [4000, 5000]], end_ms=5000)
    say(guest, 6000, "Two", end_ms=7000)
    assert fetch(cast, "speech")["people"] == [
        {"id": owner.pk, "side": "us", "spans": [[0, 1500], [4000, 5000]]},
        {"id": guest.pk, "side": "them", "spans": [[6000, 7000]]},
    ]


def test_it_finds_words_in_order_of_time_and_across_lines(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "The Größe of our")
    say(owner, 1300, "budget is fixed")
    say(guest, 9000, "Your budget, then.")
    rebuild(owner.meeting)
    assert hits(owner.meeting, "budg") == [
        (owner.pk, 1300, 1300),
        (guest.pk, 9300, 9300),
    ]
    assert hits(owner.meeting, "our BUDGET is") == [(owner.pk, 900, 1600)]
    assert hits(owner.meeting, "grosse") == [(owner.pk, 300, 300)]
    assert hits(owner.meeting, "udget") == []
    assert fetch(cast, "find", q="budget,")["hits"][1] == [guest.pk, 9300, 9300]


@pytest.mark.parametrize("text", ["", " ", "?!", "\x00", "x" * 9000, "%", "_"])
def test_nothing_is_found_by_nothing(cast: Cast, owner: Participant, text: str) -> None:
    say(owner, 0, "Good morning")
    rebuild(owner.meeting)
    assert fetch(cast, "find", q=text)["hits"] == []


def test_it_finds_words_of_scripts_without_spaces(
    cast: Cast, owner: Participant
) -> None:
    say(owner, 0, "価格は高いです")
    rebuild(owner.meeting)
    assert len(hits(owner.meeting, "高い")) == 1
