"""The contract of both search back ends; it runs on SQLite and on PostgreSQL."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.models import Turn
from dashboard.search import Asker, find, found_turns, parse
from dashboard.search.index import rebuild
from dashboard.search.normal import normal
from dashboard.search.parsing import QUOTES
from dashboard.search.quotes import matches
from meetings.models import Meeting, Participant
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import add_person, say


def texts(cast: Cast, query: str) -> list[str]:
    assert cast.owner.user
    return [turn.text for turn in found_turns(Asker(cast.owner.user), parse(query))]


@pytest.fixture
def anna(owner: Participant) -> Participant:
    return owner


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("What is the price of it?", "price what"),
        ("What is the price of it?", "“the price of”"),
        ("Here is our price-list", "price-list"),
        ("We meet at 10:30 sharp", "10:30"),
        ("It is written in C++", "C++"),
        ("Do NOT do that", "NOT"),
        ("Crème brûlée", "creme BRULEE"),
        ("ＦＵＬＬ width", "full"),
        ("この価格は高いです", "価格"),
        ("この価格は高いです", "高い"),
        ("この価格は高いです", "す"),
        ("ราคาแพงมาก", "แพง"),
        ("이번 예산은 얼마입니까", "예산"),
        ("이번 예산을 줄였습니다", "예산*"),
        ("새예산이 필요합니다", "예산"),
        ("돈을 아껴야 합니다", "돈"),
        ("이번 예산은 얼마입니까", '"이번 예산은"'),
        ("All competitors", "compet*"),
        ("He said 'quote' \\ there", "'quote'"),
        ("I open a quote", '"open a quo*'),
    ],
)
def test_it_finds(cast: Cast, anna: Participant, line: str, query: str) -> None:
    say(anna, 0, line)
    rebuild(anna.meeting)
    assert texts(cast, query) == [line]


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("What is the price of it?", '"price the"'),
        ("What is the price of it?", "price list"),
        ("Two prices", "price"),
        ("It is written in C++", "C"),
        ("この価格は高いです", "高価"),
        ("이번 예산은 얼마입니까", "산예"),
        ("All competitors", "co*"),
        ("anything", '""'),
        ("anything", "*"),
    ],
)
def test_it_does_not_find(cast: Cast, anna: Participant, line: str, query: str) -> None:
    say(anna, 0, line)
    rebuild(anna.meeting)
    assert texts(cast, query) == []


def test_it_finds_a_phrase_across_the_lines_of_a_turn(
    cast: Cast, anna: Participant
) -> None:
    say(anna, 0, "Our problem is")
    say(anna, 2000, "that nobody updates it.")
    rebuild(anna.meeting)
    assert texts(cast, '"problem is that nobody"') != []


def test_it_follows_the_text_when_it_changes(cast: Cast, anna: Participant) -> None:
    line = say(anna, 0, "The first hearing")
    rebuild(anna.meeting)
    line.text = "The second hearing"
    line.save()
    rebuild(anna.meeting)
    assert texts(cast, "first") == []
    assert texts(cast, "second") == ["The second hearing"]
    Turn.objects.all().update(normal="changed in place")
    assert texts(cast, "changed") != []
    Meeting.objects.filter(pk=anna.meeting_id).delete()
    assert texts(cast, "changed") == []


def test_it_plays_at_the_word_that_matched(cast: Cast, anna: Participant) -> None:
    assert cast.owner.user
    say(anna, 12_000, "So what does it cost then")
    rebuild(anna.meeting)
    [quote] = find(Asker(cast.owner.user), "cost").quotes
    assert quote.at_ms == 13_200
    assert quote.url == f"/calls/{cast.code}/#t=13.2"
    assert [p.text for p in quote.pieces if p.marked] == ["cost"]


def test_it_neither_shows_nor_counts_what_a_person_may_not_see(
    cast: Cast, anna: Participant
) -> None:
    assert cast.other_guest.seat
    say(anna, 0, "Our secret budget")
    say(cast.other_guest.seat, 0, "Their secret budget")
    rebuild(anna.meeting)
    rebuild(cast.other_guest.seat.meeting)
    seen = {
        visitor.name: find(Asker(visitor.user), "budget").count
        for visitor in cast.everybody
        if visitor.user
    }
    assert seen == {"owner": 1, "teammate": 1, "stranger": 1}
    assert texts(cast, "budget") == ["Our secret budget"]


def test_it_pages_calls_and_counts_what_is_more_in_each(cast: Cast) -> None:
    assert cast.owner.user
    for n in range(25):
        meeting = live_meeting(cast.owner.user, f"Call {n}")
        person = add_person(meeting, "Anna")
        for at in range(5):
            say(person, at * 10_000, f"Point number {at}")
        rebuild(meeting)
    asker = Asker(cast.owner.user)
    first, last, second = (find(asker, "point", page) for page in (1, "none9", 2))
    assert (first.count, len(first.found), len(second.found)) == (25, 20, 5)
    assert [call.more for call in first.found] == [2] * 20
    assert [quote.at_ms for quote in first.found[0].quotes] == [0, 10_000, 20_000]
    assert [c.meeting for c in first.found] == [c.meeting for c in last.found]


def test_it_shows_what_was_said_before_and_after(cast: Cast, anna: Participant) -> None:
    ben = add_person(anna.meeting, "Ben")
    say(anna, 0, "first " * 30 + "so what would it cost?")
    say(ben, 10_000, "Our budget is small.")
    say(anna, 20_000, "Then we start small. " + "last " * 30)
    rebuild(anna.meeting)
    assert cast.owner.user

    [quote] = find(Asker(cast.owner.user), "budget").quotes

    before, after = quote.beside
    assert before and before.speaker == anna
    assert before.text.startswith("... ")
    assert before.text.endswith("first so what would it cost?")
    assert after and after.text.startswith("Then we start small. ")
    assert after.text.endswith(" ...")
    assert max(len(before.text), len(after.text)) <= 84


def test_at_the_ends_of_a_call_there_is_nothing_beside(
    cast: Cast, anna: Participant
) -> None:
    other = live_meeting(anna.meeting.owner, "Another call")
    say(add_person(other, "Eve"), 5_000, "Something else")
    say(anna, 9_000, "Our budget")
    rebuild(other)
    rebuild(anna.meeting)
    assert cast.owner.user

    [quote] = find(Asker(cast.owner.user), "budget").quotes

    assert quote.beside == (None, None)


def test_it_takes_a_line_of_any_length(cast: Cast, anna: Participant) -> None:
    say(anna, 0, "x" * 100_000)
    say(anna, 60_000, "many words " * 9_000)
    rebuild(anna.meeting)
    assert len(texts(cast, "many words")) == 1


WORDS = [
    *("price", "list", "c++", "C", "10:30", "not", "Crème", "高い", "価格は", "い"),
    *("예산", "예산은", "pric*", "AND"),
]
SENTENCES = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=6)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SENTENCES, SENTENCES)
def test_it_finds_a_phrase_exactly_where_it_can_be_marked(
    cast: Cast, anna: Participant, said: list[str], asked: list[str]
) -> None:
    """Whatever is said and asked, on both databases."""
    text = " ".join(said).replace("\x00", "").encode(errors="ignore").decode()
    phrase = " ".join(asked).translate(QUOTES).replace('"', "")
    query = parse(f'"{phrase}"')
    Turn.objects.all().delete()
    Turn.objects.create(
        meeting=anna.meeting,
        participant=anna,
        start_ms=0,
        end_ms=1,
        text=text,
        normal=normal(text),
    )
    assert cast.owner.user
    found = found_turns(Asker(cast.owner.user), query).exists()
    assert found is bool(matches(text, query.phrases)), connection.vendor
