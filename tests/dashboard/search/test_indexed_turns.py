"""The short rows of turns follow the turns, by the database's own means."""

from dashboard.models import IndexedTurn, Turn
from dashboard.search import Asker, find
from dashboard.search.index import rebuild
from meetings.models import Participant
from tests.cast import Cast
from tests.dashboard.calls import say

COLUMNS = (
    *("pk", "meeting", "participant", "start_ms", "language"),
    *("question", "commitment", "number", "crosstalk", "removed"),
)


def are_in_step() -> bool:
    rows = IndexedTurn.objects.order_by("pk").values_list(*COLUMNS)
    return list(rows) == list(Turn.objects.order_by("pk").values_list(*COLUMNS))


def test_they_follow_what_is_written_and_deleted(
    owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "What do you pay for 40 people?", language="en")
    say(guest, 9000, "I will send you that", language="en")
    rebuild(owner.meeting)
    assert are_in_step() and IndexedTurn.objects.count() == 2
    Turn.objects.filter(participant=owner).update(language="fr", start_ms=1, number=0)
    assert are_in_step()
    Turn.objects.filter(participant=guest).update(participant=owner)
    assert are_in_step()
    rebuild(owner.meeting)
    assert are_in_step() and IndexedTurn.objects.count() == 2
    guest.delete()
    assert are_in_step() and IndexedTurn.objects.count() == 1
    owner.meeting.delete()
    assert not IndexedTurn.objects.exists()


def test_a_word_that_somebody_corrects_is_found_anew(
    cast: Cast, owner: Participant
) -> None:
    assert cast.owner.user
    line = say(owner, 0, "the bucket")
    rebuild(owner.meeting)
    line.text = "the budget"
    line.save()
    rebuild(owner.meeting)
    asker = Asker(cast.owner.user)
    assert [find(asker, word).count for word in ("bucket", "budget")] == [0, 1]
