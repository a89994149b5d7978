"""Trackers that come up more often in the last calls with a customer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.search.index import rebuild
from meetings.models import Account, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say
from tests.dashboard.trackers.rows import tracker


@pytest.fixture
def acme(db: None) -> Account:
    account: Account = Account.objects.create(name="Acme")
    return account


def call(cast: Cast, account: Account, text: str, days: int, who: str = "owner") -> int:
    """A call of so many days ago in which Gita says this; its key."""
    meeting = Meeting.objects.create(
        owner=getattr(cast, who).user,
        account=account,
        started_at=timezone.now() - timedelta(days=days),
        visibility="private",
    )
    person = Participant.objects.create(
        meeting=meeting, name="Gita <b>", consent="recorded", side="them"
    )
    say(person, 3_000, text, language="en")
    rebuild(end(meeting))
    return int(meeting.pk)


def before(cast: Cast, account: Account, who: str = "owner") -> str:
    answer = getattr(cast, who).client.get(f"/customers/{account.pk}/before/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_rose_stands_first_and_plays(cast: Cast, acme: Account) -> None:
    tracker(cast.owner, "price", name="Money <i>")
    tracker(cast.owner, "security", name="Security")
    for days in (40, 50):
        call(cast, acme, "The security of it, and the price.", days)
    for days in (3, 2):
        call(cast, acme, "The price is a price. What of security?", days)
    newest = call(cast, acme, "Well, the price again.", 1)
    html = before(cast, acme)
    code = Meeting.objects.get(pk=newest).code
    rose = html[: html.index("</article>")]
    assert "More often than before" in rose
    assert "Money &lt;i&gt;" in rose and "1.7 a call, before that 1<" in rose
    assert f'href="/calls/{code}/#t=3' in rose and "“price”" in rose
    assert "Gita &lt;b&gt;" in rose and "Security" not in rose


def test_it_is_silent_without_calls_to_compare_with(cast: Cast, acme: Account) -> None:
    tracker(cast.owner, "price")
    for days in (1, 2, 3):
        call(cast, acme, "A price, a price.", days)
    assert "More often" not in before(cast, acme)


def test_one_hit_is_chance(cast: Cast, acme: Account) -> None:
    tracker(cast.owner, "price")
    call(cast, acme, "Nothing of the kind.", 40)
    for days in (1, 2, 3):
        call(cast, acme, "The price." if days == 2 else "Nothing.", days)
    assert "More often" not in before(cast, acme)


def test_neither_hidden_calls_nor_hidden_trackers_count(
    cast: Cast, acme: Account
) -> None:
    tracker(cast.stranger, "price", name="Of a stranger", shared=True)
    tracker(cast.owner, "price", name="Mine")
    call(cast, acme, "Nothing.", 40)
    for days in (2, 3):
        call(cast, acme, "Nothing.", days)
    call(cast, acme, "The price, the price, the price.", 1, "stranger")
    assert "More often" not in before(cast, acme)
    call(cast, acme, "The price and the price.", 1)
    html = before(cast, acme)
    assert "Mine" in html and "Of a stranger" not in html
