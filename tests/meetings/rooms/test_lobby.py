"""Before the room: who is in already, for those who may come in by themselves."""

from django.utils import timezone

from meetings.rooms import waiting
from tests.cast import Cast, Visitor
from tests.meetings.rooms.test_waiting import follow


def lobby(cast: Cast, visitor: Visitor) -> str:
    return visitor.client.get(f"/room/{cast.code}/").content.decode()


def test_it_says_who_is_in(cast: Cast) -> None:
    for visitor in (cast.teammate, cast.guest):
        page = lobby(cast, visitor)
        assert "In the call: <bdi>Olga Owner</bdi>, <bdi>Gita Guest</bdi>" in page
    assert cast.owner.seat and cast.guest.seat
    cast.owner.seat.left_at = timezone.now()
    cast.owner.seat.save()
    cast.guest.seat.removed_at = timezone.now()
    cast.guest.seat.save()
    assert "Nobody is in the call yet." in lobby(cast, cast.teammate)


def test_who_is_to_wait_does_not_read_who_is_in(cast: Cast) -> None:
    follow(cast, cast.nobody)
    assert "Gita Guest" in lobby(cast, cast.nobody)
    waiting.switch(cast.meeting, True)
    page = lobby(cast, cast.nobody)
    assert "Gita Guest" not in page and "you wait" in page
    assert "Gita Guest" in lobby(cast, cast.teammate)
