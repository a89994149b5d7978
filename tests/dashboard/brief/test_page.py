"""The brief on a call's page."""

import pytest
from django.test import Client

from dashboard.search.index import rebuild
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker

pytestmark = pytest.mark.django_db


def page(client: Client, meeting: Meeting) -> str:
    return client.get(f"/calls/{meeting.code}/brief/").content.decode()


def test_who_may_see_the_call_reads_its_brief(cast: Cast, ended: Meeting) -> None:
    assert cast.let_in(f"/calls/{ended.code}/brief/") == {"owner", "teammate"}


def test_every_line_has_its_second(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    say(guest, 0, "Is the data encrypted?", language="en")
    say(owner, 3_000, "Yes, all the data is encrypted.", language="en")
    say(guest, 9_000, "What does it cost us?", language="en")
    say(owner, 40_000, "I will send you the offer.", language="en")
    shown = page(cast.owner.client, ended)
    assert "Next steps" in shown and 'href="#t=40.0"' in shown
    assert shown.count("not answered") == 4  # in the list, and in three copies
    assert "What does it cost us?</span> <small>not answered" in shown


def test_it_says_that_nothing_was_agreed(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    say(owner, 0, "So it is.", language="en")
    assert "Nothing was agreed or asked" in page(cast.owner.client, ended)


def test_nobody_heard_is_told(cast: Cast, ended: Meeting) -> None:
    assert "Nobody has been heard" in page(cast.owner.client, ended)


def test_what_was_said_is_text(cast: Cast, ended: Meeting, owner: Participant) -> None:
    say(owner, 0, 'Is this "><script>alert(1)</script> a question?', language="en")
    shown = page(cast.owner.client, ended)
    assert "<script" not in shown
    assert "&quot;&gt;&lt;script" in shown


def test_it_lists_what_the_readers_trackers_found(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    tracker(cast.owner, "price", name="Money")
    for second in range(5):
        say(owner, second * 60_000, "The price is 40 euros.", language="en")
    rebuild(ended)
    shown = page(cast.owner.client, ended)
    assert "<h2>Trackers</h2>" in shown and 'href="#t=60' in shown
    in_the_list = shown.split("data-copy-text")[0]
    assert in_the_list.count('<small dir="auto">Money</small>') == 3
    assert "The price is 40 euros. (Money)" in shown  # copied along
    assert "Money" not in page(cast.teammate.client, ended)  # it is the owner's own
