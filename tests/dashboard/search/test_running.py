"""Words of a call that goes on are found while it does."""

import pytest

from dashboard.models import Turn
from dashboard.search import Asker, found_turns, parse
from dashboard.search.index import rebuild
from dashboard.search.running import MAY_GO_ON, follow
from meetings import services
from meetings.models import Meeting, Participant
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import add_person, say


def found(cast: Cast, name: str, query: str) -> list[str]:
    user = getattr(cast, name).user
    return [turn.text for turn in found_turns(Asker(user), parse(query))]


@pytest.fixture
def call(cast: Cast) -> Meeting:
    assert cast.owner.user
    return live_meeting(cast.owner.user)


@pytest.fixture
def ann(call: Meeting) -> Participant:
    return add_person(call, "Ann")


def test_what_was_just_said_is_found(cast: Cast, ann: Participant) -> None:
    query = '"send me the contract" is:live'
    say(ann, 0, "Please send me the")
    assert follow() == 1
    assert found(cast, "owner", query) == []
    say(ann, 1_300, "contract by Friday")
    assert follow() == 1
    assert found(cast, "owner", query) == ["Please send me the contract by Friday"]
    assert found(cast, "stranger", query) == []
    assert follow() == 0  # nothing new


def test_each_word_is_there_once_however_long_it_goes_on(
    call: Meeting, ann: Participant
) -> None:
    ben = add_person(call, "Ben")
    say(ann, 0, "and one long line " * 100, end_ms=400_000)
    for n in range(3 * MAY_GO_ON):
        say((ann, ben)[n % 2], 400_001 + n * 5_000, f"this is line number{n}")
        follow()
    texts = [turn.text for turn in Turn.objects.order_by("start_ms")]
    assert len(texts) > 2 * MAY_GO_ON
    rebuild(call)
    assert [turn.text for turn in Turn.objects.order_by("start_ms")] == texts


def test_an_ended_call_is_left_to_its_index(ann: Participant) -> None:
    say(ann, 0, "The last word of all")
    services.end_meeting(ann.meeting)
    assert follow() == 0
    assert not Turn.objects.exists()
