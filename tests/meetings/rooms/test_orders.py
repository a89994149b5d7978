"""What a page asks of the process that holds a room: done, refused, or not answered."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from meetings import rights, valkey
from meetings.recordings import retention
from meetings.rooms import orders
from meetings.rooms.leases import Leases
from meetings.rooms.orders import NotObeyed, Orderly, Unanswered
from tests.cast import Cast
from tests.services import valkey_process
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Hold = Callable[..., Orderly]


@pytest.fixture
def hold(cast: Cast) -> Iterator[Hold]:
    """A process that holds the cast's meeting and obeys one kind of order."""
    running: list[Orderly] = []

    def start(node: str, obey: Callable[[int], Any], **words: Any) -> Orderly:
        Leases(node, print).take(cast.meeting.pk)
        orderly = Orderly(
            node, {"look": obey}, {rights.CHANNEL: words.get("told", print)}
        )
        orderly.start()
        assert orderly.inbox.wait(5)
        running.append(orderly)
        return orderly

    yield start
    for orderly in running:
        orderly.stop()


def test_the_holder_does_it(cast: Cast, hold: Hold) -> None:
    done: list[int] = []
    hold("one", done.append)
    assert orders.give(cast.meeting.pk, "look")
    assert done == [cast.meeting.pk]


def test_nobody_is_asked_where_nobody_holds_the_room(cast: Cast) -> None:
    assert not orders.give(cast.meeting.pk, "look")


def test_an_order_that_failed_is_no_success(cast: Cast, hold: Hold) -> None:
    def fail(meeting_id: int) -> None:
        raise ValueError("no room")

    hold("one", fail)
    with pytest.raises(NotObeyed, match="no room"):
        orders.give(cast.meeting.pk, "look")


def test_a_dead_holder_does_not_answer(cast: Cast) -> None:
    Leases("dead", print).take(cast.meeting.pk)
    began = time.monotonic()
    with pytest.raises(Unanswered):
        orders.give(cast.meeting.pk, "look", patience=0.5)
    assert time.monotonic() - began < 2


def test_a_holder_that_hangs_does_not_answer(cast: Cast, hold: Hold) -> None:
    go_on = threading.Event()
    hold("one", lambda _: go_on.wait(5) and None)
    with pytest.raises(Unanswered):
        orders.give(cast.meeting.pk, "look", patience=0.5)
    go_on.set()


def test_a_holder_that_comes_back_in_time_obeys(cast: Cast, hold: Hold) -> None:
    Leases("one", print).take(cast.meeting.pk)
    done: list[int] = []

    def come_back() -> None:
        hold("one", done.append)
        connection.close()  # of this thread

    late = threading.Timer(0.5, come_back)
    late.start()
    assert orders.give(cast.meeting.pk, "look", patience=10)
    late.join()
    assert done == [cast.meeting.pk]


def test_a_frozen_valkey_is_an_answer_within_seconds(cast: Cast, hold: Hold) -> None:
    hold("one", print)
    server = valkey_process()
    os.kill(server, signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(Unanswered):
            orders.give(cast.meeting.pk, "look")
        assert time.monotonic() - began < 8
    finally:
        os.kill(server, signal.SIGCONT)
    assert orders.give(cast.meeting.pk, "look", patience=10)


def test_the_inbox_notices_a_frozen_valkey_and_its_return(
    cast: Cast, hold: Hold
) -> None:
    inbox = hold("one", print).inbox
    server = valkey_process()
    os.kill(server, signal.SIGSTOP)
    try:
        wait_until(lambda: not inbox.listening)
    finally:
        os.kill(server, signal.SIGCONT)
    wait_until(lambda: inbox.listening)
    assert orders.give(cast.meeting.pk, "look")


def test_garbage_on_a_channel_ends_nothing(cast: Cast, hold: Hold) -> None:
    done: list[int] = []
    hold("one", done.append)
    for garbage in (b"{", b"[]", b'"x"', b'{"id": 1}', b"\xff"):
        valkey.client().publish(valkey.key("orders", "one"), garbage)
    assert orders.give(cast.meeting.pk, "look")
    assert done == [cast.meeting.pk]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda cast: cast.owner.user.save(), "user"),
        (lambda cast: cast.owner.user.groups.clear(), "user"),
        (lambda cast: cast.owner.client.logout(), "user"),
        (lambda cast: cast.meeting.save(), "meeting"),
        (lambda cast: rights.changed(meeting=cast.meeting.pk), "meeting"),
        (lambda cast: retention.delete(cast.meeting), "meeting"),
    ],
)
def test_a_right_that_changes_is_told(
    cast: Cast, hold: Hold, change: Callable[[Cast], None], word: str
) -> None:
    told: list[dict[str, int]] = []
    hold("one", print, told=told.append)
    assert cast.owner.user
    meant = {"user": cast.owner.user.pk, "meeting": cast.meeting.pk}[word]
    change(cast)
    wait_until(lambda: any(said[word] == meant for said in told), 5)
