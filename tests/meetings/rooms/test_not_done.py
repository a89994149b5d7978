"""What people see of an order that its call did not obey."""

import pytest
from django.contrib.messages import get_messages

from meetings import services
from meetings.models import ConsentChoice, GuestLink, Participant
from meetings.rooms import orders
from meetings.rooms.leases import Leases
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _dead_holder(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that holds the call does not listen."""
    monkeypatch.setattr(orders, "PATIENCE", 0.1)
    monkeypatch.setattr(orders.give, "__defaults__", (0.1,))
    monkeypatch.setattr(services, "END_PATIENCE", 0.1)
    Leases("dead", print).take(cast.meeting.pk)


def test_a_person_is_told_that_the_call_goes_on(cast: Cast) -> None:
    answer = cast.owner.client.post(f"/room/{cast.code}/end/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "The call does not answer" in answer.content.decode()
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_live


def test_a_page_is_told_that_the_recording_may_go_on(cast: Cast) -> None:
    """The choice counts: the call reads it as soon as it can."""
    script = {"Sec-Fetch-Mode": "cors"}
    address = f"/room/{cast.code}/consent/"
    choice = {"choice": Participant.Consent.UNRECORDED}
    answer = cast.guest.client.post(address, choice, headers=script)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_done")
    assert cast.guest.seat
    cast.guest.seat.refresh_from_db()
    assert not cast.guest.seat.is_recorded
    assert ConsentChoice.objects.filter(participant=cast.guest.seat).last()


def test_the_admin_is_told_which_meeting_goes_on(cast: Cast) -> None:
    from django.contrib.auth import get_user_model

    admin = get_user_model().objects.create_superuser("root", "root@example.com", "x")
    cast.nobody.client.force_login(admin)
    form = {"action": "end", "_selected_action": [cast.meeting.pk]}
    answer = cast.nobody.client.post("/admin/meetings/meeting/", form)
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any("could not be ended" in line for line in told)
    assert "0 ended." in told


def test_a_call_that_is_silent_keeps_no_other_from_being_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def give(meeting_id: int, kind: str) -> bool:
        told.append(meeting_id)
        raise orders.Unanswered(kind)

    monkeypatch.setattr(orders, "give", give)
    with pytest.raises(orders.NotDone):
        services.revoke_links(GuestLink.objects.all())
    assert set(told) == set(GuestLink.objects.values_list("meeting_id", flat=True))
    assert len(told) == 2
