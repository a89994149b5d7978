"""Who holds a room, and what a process that lost it may still write."""

import pytest
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from meetings.models import Meeting
from meetings.rooms import leases
from meetings.rooms.leases import Fenced, HeldElsewhere, Leases, fenced, holder_of
from meetings.valkey import client, key
from tests.cast import Cast


class Process(Leases):
    """A process, and the rooms that it was told it has lost."""

    def __init__(self, node: str) -> None:
        self.lost: list[int] = []
        super().__init__(node, self.lost.append)


def epoch(cast: Cast) -> int:
    return Meeting.objects.values_list("epoch", flat=True).get(pk=cast.meeting.pk)


def end_lease(cast: Cast) -> None:
    """What LEASE seconds without a renewal do."""
    client().delete(key("room", cast.meeting.pk))


def test_one_process_holds_a_room(cast: Cast) -> None:
    one, other = Process("one"), Process("other")
    lease = one.take(cast.meeting.pk)
    assert one.take(cast.meeting.pk) == lease
    with pytest.raises(HeldElsewhere) as refusal:
        other.take(cast.meeting.pk)
    assert refusal.value.node == "one" == holder_of(cast.meeting.pk)
    assert (refusal.value.code, refusal.value.http_status) == ("elsewhere", 421)


def test_a_room_that_is_given_back_is_free(cast: Cast) -> None:
    one, other = Process("one"), Process("other")
    first = one.take(cast.meeting.pk)
    one.release(cast.meeting.pk)
    assert holder_of(cast.meeting.pk) is None
    assert other.take(cast.meeting.pk).epoch == first.epoch + 1
    one.release(cast.meeting.pk)  # what is not ours stays
    assert holder_of(cast.meeting.pk) == "other"


def test_who_is_started_again_has_its_rooms_back_at_once(cast: Cast) -> None:
    killed = Process("calls.example:8001").take(cast.meeting.pk)
    again = Process("calls.example:8001").take(cast.meeting.pk)
    assert again.epoch == killed.epoch + 1


def test_a_name_that_begins_alike_is_another(cast: Cast) -> None:
    Process("calls.example:80010").take(cast.meeting.pk)
    with pytest.raises(HeldElsewhere):
        Process("calls.example:8001").take(cast.meeting.pk)


def test_it_keeps_what_it_renews(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Process("one")
    one.take(cast.meeting.pk)
    name = key("room", cast.meeting.pk)
    client().pexpire(name, 100)
    one.renew()
    assert client().pttl(name) > 10_000
    assert one.lost == []


def test_a_lease_that_ended_is_taken_anew_when_nobody_else_had_it(cast: Cast) -> None:
    one = Process("one")
    lease = one.take(cast.meeting.pk)
    end_lease(cast)
    one.renew()
    assert holder_of(cast.meeting.pk) == "one"
    assert one.lease(cast.meeting.pk) == lease
    assert lease.epoch == epoch(cast)


def test_a_frozen_holder_gives_up_what_another_took(cast: Cast) -> None:
    frozen, other = Process("frozen"), Process("other")
    frozen.take(cast.meeting.pk)
    end_lease(cast)
    other.take(cast.meeting.pk)
    frozen.renew()
    assert frozen.lost == [cast.meeting.pk]
    assert (frozen.held(), frozen.lease(cast.meeting.pk)) == ([], None)
    assert holder_of(cast.meeting.pk) == "other"


def test_it_does_not_go_on_after_somebody_came_and_went(cast: Cast) -> None:
    frozen, other = Process("frozen"), Process("other")
    frozen.take(cast.meeting.pk)
    end_lease(cast)
    other.take(cast.meeting.pk)
    other.release(cast.meeting.pk)
    frozen.renew()
    assert frozen.lost == [cast.meeting.pk]
    assert holder_of(cast.meeting.pk) is None


def test_a_frozen_holder_writes_nothing(cast: Cast) -> None:
    frozen, other = Process("frozen"), Process("other")
    old = frozen.take(cast.meeting.pk)
    with fenced(old):
        Meeting.objects.filter(pk=cast.meeting.pk).update(title="Before")
    end_lease(cast)
    new = other.take(cast.meeting.pk)
    with pytest.raises(Fenced), fenced(old):
        Meeting.objects.filter(pk=cast.meeting.pk).update(title="Late")
    with fenced(new):
        pass
    cast.meeting.refresh_from_db()
    assert cast.meeting.title == "Before"


def test_rooms_are_kept_while_valkey_is_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = Process("one")
    one.take(cast.meeting.pk)
    with monkeypatch.context() as away:
        away.setattr(Leases, "_ask", _away)
        one.renew()
        one.renew()
        assert one.take(cast.meeting.pk).epoch == epoch(cast)
    assert one.lost == []
    assert caplog.text.count("leases are not renewed") == 1
    one.renew()
    assert holder_of(cast.meeting.pk) == "one"


def test_a_room_that_makes_no_epoch_is_not_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(leases, "_raise_epoch", _no_database)
        with pytest.raises(DatabaseError):
            Process("one").take(cast.meeting.pk)
    Process("other").take(cast.meeting.pk)


def _away(*words: object) -> str:
    raise RedisError("away")


def _no_database(meeting_id: int) -> int:
    raise DatabaseError("away")
