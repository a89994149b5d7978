"""A call in another tab is recorded: who may, what they state, by what it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from meetings import services as meetings
from meetings.models import ConsentChoice, Participant, Source
from meetings.models.participant import SOUND_TEXT, TAB_TEXT
from meetings.recordings import kept_sound
from meetings.sources import services, tabs
from meetings.sources.services import by_token
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def path(cast: Cast, rest: str = "") -> str:
    return f"/room/{cast.code}/tab/{rest}"


def begin(cast: Cast, **more: Any) -> Any:
    data = {"name": "Globex", "told": "on", "text": SOUND_TEXT, **more}
    return cast.owner.client.post(path(cast), data)


def test_a_tab_is_recorded_by_who_runs_the_call(cast: Cast) -> None:
    assert cast.let_in(path(cast)) == {"owner"}
    assert cast.let_in(path(cast), "post", data={"told": "on"}) == {"owner"}
    assert cast.let_in(path(cast, "token/"), "post") == {"owner"}
    assert Source.objects.get().name == "The other side"


def test_what_was_kept_of_a_tab_comes_from_who_records_it(cast: Cast) -> None:
    begin(cast)
    assert cast.let_in(path(cast, "kept-sound/")) == {"owner"}


def test_the_way_there_begins_on_the_list_of_meetings(cast: Cast) -> None:
    answer = cast.owner.client.post("/meetings/new/", {"record": "tab"})
    assert answer.headers["Location"].endswith("/tab/")
    assert cast.owner.client.get(answer.headers["Location"]).status_code == 200


def test_both_sides_agree_and_each_by_words_of_its_own(cast: Cast) -> None:
    answer = begin(cast)
    assert answer.headers["Location"] == f"/room/{cast.code}/in/"
    them = Participant.objects.get(name="Globex")
    assert (them.side, them.is_recorded) == (Participant.Side.THEM, True)
    told = them.consent_log.get()
    assert (told.way, told.text_version) == (ConsentChoice.Way.TAB, TAB_TEXT)
    assert cast.owner.seat
    us = cast.owner.seat.consent_log.get()
    assert (us.choice, us.way) == ("recorded", ConsentChoice.Way.PAGE)


def test_nobody_is_recorded_who_was_not_told(cast: Cast) -> None:
    answer = begin(cast, told="")
    assert answer.status_code == 422
    assert "Tell the people in that call" in answer.content.decode()
    assert not Source.objects.exists()


def test_the_notice_says_who_records_and_for_how_long(cast: Cast) -> None:
    page = cast.owner.client.get(path(cast)).content.decode()
    notice = page.partition("readonly>")[2].partition("</textarea>")[0].strip()
    assert notice.startswith("I record the sound of this call")
    assert "owner" in notice and "kept for 1 year" in notice


def test_who_begins_again_goes_on_as_the_same_person(cast: Cast) -> None:
    begin(cast)
    services.stop(Source.objects.get())
    begin(cast, name="Globex, Inc.")
    them = Source.objects.get().participant
    assert (them.name, them.consent_log.count()) == ("Globex, Inc.", 2)
    assert Source.objects.get().is_usable


def test_a_page_gets_a_token_of_its_own(cast: Cast) -> None:
    begin(cast)
    first, second = (
        cast.owner.client.post(path(cast, "token/")).json()["token"] for _ in range(2)
    )
    assert by_token(cast.code, first) is None
    source = by_token(cast.code, second)
    assert source and source.name == "Globex"


def test_a_tab_that_was_stopped_gets_none(cast: Cast) -> None:
    begin(cast)
    services.stop(Source.objects.get())
    assert cast.owner.client.post(path(cast, "token/")).status_code == 404
    assert cast.owner.client.get(path(cast, "kept-sound/")).status_code == 404


def test_a_ninth_source_is_said_on_the_page(cast: Cast) -> None:
    assert cast.owner.user
    for _ in range(8):
        services.add(cast.meeting, cast.owner.user, "whip", "OBS")
    answer = begin(cast)
    assert answer.status_code == 422
    assert "Remove one first" in answer.content.decode()


def test_it_is_neither_pulled_nor_offered_as_a_program(cast: Cast) -> None:
    begin(cast)
    assert not Source.objects.get().is_pulled
    answer = cast.owner.client.post(f"/room/{cast.code}/sources/", {"kind": "tab"})
    assert answer.status_code == 422


def test_what_is_missing_of_the_tab_is_asked_by_its_own_address(cast: Cast) -> None:
    begin(cast)
    assert cast.owner.user
    began = timezone.now() - timedelta(seconds=60)
    type(cast.meeting).objects.filter(pk=cast.meeting.pk).update(started_at=began)
    Participant.objects.filter(name="Globex").update(entered_at=began)
    ConsentChoice.objects.update(at=began)
    told = cast.owner.client.get(path(cast, "kept-sound/")).json()
    them = Participant.objects.get(name="Globex")
    assert told["participant"] == them.pk
    spans, _ = kept_sound.missing_of(them)
    assert spans and told["missing"][0][0] == spans[0][0] == 0


def test_only_who_records_the_tab_has_its_line_in_the_room(cast: Cast) -> None:
    begin(cast)
    for visitor, has in ((cast.owner, True), (cast.guest, False)):
        room = visitor.client.get(f"/room/{cast.code}/in/").content.decode()
        assert ("data-tab-share" in room) == has


def test_a_call_that_is_over_takes_no_tab(cast: Cast) -> None:
    begin(cast)
    meetings.end_meeting(cast.meeting)
    assert cast.owner.client.get(path(cast)).status_code == 404
    assert cast.owner.client.post(path(cast, "token/")).status_code == 404


def test_somebody_else_records_a_tab_of_their_own(cast: Cast) -> None:
    begin(cast)
    assert cast.teammate.user
    assert tabs.tab_of(cast.teammate.user, cast.meeting) is None
    tabs.begin(cast.meeting, cast.teammate.user, "Initech", "")
    assert Source.objects.count() == 2
