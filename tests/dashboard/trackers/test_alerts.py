"""New hits, told in the page and by a mail a day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import override_settings

from dashboard.models import Alert, SavedSearch
from dashboard.search.index import rebuild
from dashboard.trackers import alerts, digest
from dashboard.trackers.hits import finder_for, replace
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast, Visitor
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker
from tests.dashboard.trackers.test_pages import page, send

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as moved:
        yield moved


@pytest.fixture
def price(clock: object, cast: Cast, ended: Meeting) -> SavedSearch:
    """A shared tracker of which owner and teammate are told, also by mail."""
    search = tracker(cast.owner, "price", shared=True)
    for visitor in (cast.owner, cast.teammate):
        send(visitor, f"/trackers/{search.pk}/alert/", how="daily")
    return search


def hear(speaker: Participant, text: str = "Here is the price", at: int = 0) -> None:
    say(speaker, at, text)
    rebuild(speaker.meeting)


def badge(visitor: Visitor) -> str:
    return page(visitor, "/trackers/news/")


def test_new_hits_are_told_until_one_looks(
    cast: Cast, price: SavedSearch, owner: Participant
) -> None:
    assert badge(cast.owner) == ""
    hear(owner, "A price and a price")
    assert badge(cast.owner).startswith("2 2 new hits")
    listed = page(cast.owner, "/trackers/")
    assert "New since you last looked" in listed and "2 hits in 1 call" in listed
    assert "Team · you are told of new hits, also by mail" in listed
    looked = page(cast.owner, f"/trackers/{price.pk}/")
    assert "2 new since you last looked" in looked
    assert badge(cast.owner) == ""
    assert "2 new hits" in badge(cast.teammate)
    send(cast.teammate, "/trackers/seen/")
    assert badge(cast.teammate) == ""


def test_nobody_is_told_of_a_call_that_they_may_not_see(
    cast: Cast, price: SavedSearch, owner: Participant
) -> None:
    assert cast.other_guest.seat
    hear(owner)
    hear(cast.other_guest.seat)
    assert "1 new hit" in badge(cast.owner)
    Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    assert badge(cast.teammate) == ""
    assert "New since" not in page(cast.teammate, "/trackers/")


def test_what_stops_being_shared_tells_the_team_no_more(
    cast: Cast, price: SavedSearch, owner: Participant
) -> None:
    hear(owner)
    SavedSearch.objects.update(shared=False)
    assert badge(cast.teammate) == ""
    assert "1 new hit" in badge(cast.owner)


def test_what_is_found_in_earlier_calls_is_no_news(
    cast: Cast, price: SavedSearch, owner: Participant, clock: time_machine.Traveller
) -> None:
    say(owner, 0, "Here is the price")
    rebuild(owner.meeting)
    owner.meeting.turns.update(normal="here is the cost")
    rebuild(owner.meeting)
    send(cast.owner, "/trackers/seen/")
    assert replace(price, finder_for(price), owner.meeting)
    assert badge(cast.owner) == ""


def test_an_alert_is_turned_off(
    cast: Cast, price: SavedSearch, owner: Participant
) -> None:
    send(cast.owner, f"/trackers/{price.pk}/alert/", how="")
    hear(owner)
    assert badge(cast.owner) == ""
    assert [alert.user for alert in Alert.objects.all()] == [cast.teammate.user]


# -- by mail


@pytest.fixture
def tomorrow(
    clock: time_machine.Traveller, owner: Participant
) -> time_machine.Traveller:
    """A day later than what was heard."""
    hear(owner)
    clock.move_to(MORNING + timedelta(days=1))
    return clock


def mails() -> dict[str, str]:
    """Text by address, of those who got one mail."""
    found = {message.to[0]: str(message.body) for message in mail.outbox}
    assert len(found) == len(mail.outbox)
    return found


def run_due() -> None:
    with override_settings(SENDS_MAIL=True):
        job = digest.request_due()
    if job:
        jobs.run(job.pk)


def test_each_person_gets_one_mail_a_day(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    run_due()
    assert set(mails()) == {"owner@example.com", "teammate@example.com"}
    run_due()
    assert len(mail.outbox) == 2
    assert mail.outbox[0].subject == "New hits: Price"
    tomorrow.move_to(MORNING + timedelta(days=2))
    run_due()
    assert len(mail.outbox) == 2  # nothing new


def test_a_mail_names_calls_and_holds_none_of_their_words(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).update(title="Ben & <Anna>")
    run_due()
    text = mails()["owner@example.com"]
    assert "Price: 1 hit in 1 call" in text
    assert "- Ben & <Anna>, " in text and "the first at 0:00" in text
    assert f"/calls/{cast.code}/#t=0.9" in text
    assert f"/trackers/{price.pk}/" in text
    assert "Here is" not in text


def test_the_link_of_a_mail_needs_a_sign_in(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    answer = cast.nobody.client.get(f"/calls/{cast.code}/")
    assert answer.headers["Location"].startswith("/accounts/login/?next=/calls/")


def test_no_mail_tells_of_a_call_that_its_reader_may_not_see(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    run_due()
    assert set(mails()) == {"owner@example.com"}


def test_what_one_has_seen_is_not_mailed(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    page(cast.owner, f"/trackers/{price.pk}/")
    run_due()
    assert set(mails()) == {"teammate@example.com"}


def test_who_wants_no_mail_or_has_no_account_any_more_gets_none(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    send(cast.owner, f"/trackers/{price.pk}/alert/", how="page")
    User.objects.filter(pk=cast.teammate.user.pk).update(is_active=False)  # type: ignore[union-attr]
    run_due()
    assert mail.outbox == []
    assert alerts.count_for(cast.owner.user) == 1  # type: ignore[arg-type]


def test_nothing_is_mailed_without_a_mail_server(
    cast: Cast, price: SavedSearch, tomorrow: time_machine.Traveller
) -> None:
    assert digest.request_due() is None
    assert "No mail server is set up" in page(cast.owner, f"/trackers/{price.pk}/")


def test_who_was_not_reached_is_tried_again_and_nobody_else(
    cast: Cast,
    price: SavedSearch,
    tomorrow: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver = EmailBackend.send_messages

    def half_away(self: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if messages[0].to == ["owner@example.com"]:
            raise ConnectionRefusedError("no server")
        return deliver(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", half_away)
    run_due()
    job = Job.objects.get(kind=digest.KIND)
    assert (job.state, job.error) == (Job.State.QUEUED, digest.TRIED_AGAIN)
    assert set(mails()) == {"teammate@example.com"}
    monkeypatch.undo()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert set(mails()) == {"owner@example.com", "teammate@example.com"}


def test_mails_wait_for_the_morning(
    cast: Cast, price: SavedSearch, owner: Participant, clock: time_machine.Traveller
) -> None:
    hear(owner)
    clock.move_to(MORNING + timedelta(hours=22))
    run_due()
    assert mail.outbox == []
    clock.move_to(MORNING + timedelta(hours=23, minutes=30))
    run_due()
    assert len(mail.outbox) == 2
