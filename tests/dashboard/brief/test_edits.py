"""A brief is changed in place, and what people changed outlives another pass."""

from typing import Any

import pytest
from django.test import Client

from dashboard.brief import copied
from dashboard.brief.edits import MOST
from dashboard.brief.lines import BriefEntry, lines_of
from dashboard.models import BriefLine
from dashboard.stats.gather import timeline_of
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Utterance

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.owner.client


@pytest.fixture
def promised(owner: Participant) -> Utterance:
    return say(owner, 40_000, "I will send you the offer.", language="en")


def change(client: Client, meeting: Meeting, **fields: object) -> Any:
    return client.post(
        f"/calls/{meeting.code}/brief/lines/", fields, headers={"HX-Request": "true"}
    )


def steps(meeting: Meeting) -> list[BriefEntry]:
    return lines_of(meeting, timeline_of(meeting))["steps"]


def texts(meeting: Meeting) -> list[str]:
    return [line.text for line in steps(meeting)]


def shown(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def test_who_sees_the_call_changes_its_brief(cast: Cast, ended: Meeting) -> None:
    form = {"do": "add", "section": "notes", "text": "Ask Ben"}
    path = f"/calls/{ended.code}/brief/lines/"
    assert cast.let_in(path, "post", data=form) == {"owner", "teammate"}


def test_a_line_is_written_over_with_who_and_when(
    client: Client, ended: Meeting, promised: Utterance
) -> None:
    (line,) = steps(ended)
    fields = {"do": "rewrite", "line": line.key, "version": 0}
    told = shown(change(client, ended, **fields, text="Send the offer by Friday"))
    assert "Send the offer by Friday" in told and "I will send" not in told
    row = BriefLine.objects.get()
    assert row.changed_by and row.changed_by.username == "owner"
    assert 'href="#t=40.0"' in told  # and still plays its second


def test_another_pass_replaces_what_was_found_and_keeps_what_people_wrote(
    client: Client, ended: Meeting, owner: Participant, promised: Utterance
) -> None:
    say(owner, 50_000, "I will call you on Monday.", language="en")
    first, _ = steps(ended)
    fields = {"do": "rewrite", "line": first.key, "version": 0}
    change(client, ended, **fields, text="Send the offer by Friday")
    change(client, ended, do="add", section="steps", text="Order cake")
    Utterance.objects.all().delete()
    say(owner, 40_700, "I will send to you this offer.", language="en")
    say(owner, 50_000, "I will call you on Tuesday.", language="en")
    assert texts(ended) == [
        "Send the offer by Friday",
        "I will call you on Tuesday.",
        "Order cake",
    ]


def test_a_changed_line_stays_where_its_sentence_is_gone(
    client: Client, ended: Meeting, promised: Utterance
) -> None:
    (line,) = steps(ended)
    fields = {"do": "rewrite", "line": line.key, "version": 0}
    change(client, ended, **fields, text="Send the offer by Friday")
    promised.delete()
    assert texts(ended) == ["Send the offer by Friday"]


def test_what_was_taken_out_stays_out_and_can_be_put_back(
    client: Client, ended: Meeting, promised: Utterance
) -> None:
    (line,) = steps(ended)
    told = change(client, ended, do="remove", line=line.key, version=0)
    assert "1 taken out" in shown(told)
    assert texts(ended) == []
    row = BriefLine.objects.get()
    change(client, ended, do="restore", line=f"row-{row.pk}")
    assert texts(ended) == ["I will send you the offer."]


def test_a_next_step_is_ticked_and_follows_the_words_of_another_pass(
    client: Client, ended: Meeting, owner: Participant, promised: Utterance
) -> None:
    (line,) = steps(ended)
    change(client, ended, do="tick", line=line.key, version=0)
    promised.delete()
    say(owner, 40_300, "I will send you that offer.", language="en")
    (line,) = steps(ended)
    assert (line.text, line.done) == ("I will send you that offer.", True)
    assert line.row
    change(client, ended, do="untick", line=line.key, version=line.row.version)
    assert [line.done for line in steps(ended)] == [False]


def test_it_follows_a_line_that_is_given_to_somebody_else(
    client: Client, ended: Meeting, guest: Participant, promised: Utterance
) -> None:
    (line,) = steps(ended)
    change(client, ended, do="tick", line=line.key, version=0)
    Utterance.objects.update(participant=guest)
    (line,) = steps(ended)
    assert (line.name, line.done) == ("Gita Guest", True)


def test_it_follows_a_question_of_who_changes_sides(
    client: Client, ended: Meeting, guest: Participant
) -> None:
    say(guest, 0, "What does it cost us?", language="en")
    (line,) = lines_of(ended, timeline_of(ended))["them"]
    fields = {"do": "rewrite", "line": line.key, "version": 0}
    change(client, ended, **fields, text="What is the price?")
    Participant.objects.filter(pk=guest.pk).update(side="us")
    sections = lines_of(ended, timeline_of(ended))
    assert [one.text for one in sections["us"]] == ["What is the price?"]
    assert sections["them"] == []


def test_two_at_once_lose_nothing(
    cast: Cast, client: Client, ended: Meeting, promised: Utterance
) -> None:
    (line,) = steps(ended)
    fields = {"do": "rewrite", "line": line.key, "version": 0}
    change(client, ended, **fields, text="Send the offer by Friday")
    answer = change(cast.teammate.client, ended, **fields, text="Send it never")
    assert answer.status_code == 409
    (line,) = steps(ended)
    again = {"do": "rewrite", "line": line.key, "version": 0}
    answer = change(cast.teammate.client, ended, **again, text="Send it never")
    assert answer.status_code == 409
    assert texts(ended) == ["Send the offer by Friday"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Write something"),
        ("\u202e \x00", "Write something"),
        ("x" * 1_001, "At most 1000"),
    ],
)
def test_it_says_what_cannot_be_kept(
    client: Client, ended: Meeting, text: str, why: str
) -> None:
    answer = change(client, ended, do="add", section="notes", text=text)
    assert answer.status_code == 422
    assert why in answer.json()["error"]


def test_a_brief_holds_so_much_and_no_more(client: Client, ended: Meeting) -> None:
    BriefLine.objects.bulk_create(
        BriefLine(meeting=ended, section="notes", text=f"note {n}") for n in range(MOST)
    )
    answer = change(client, ended, do="add", section="notes", text="One more")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "dance"},
        {"do": "restore", "line": "row-99999999999999999999"},
        {"do": "restore", "line": "rows"},
    ],
)
def test_nonsense_is_not_found(
    client: Client, ended: Meeting, fields: dict[str, object]
) -> None:
    assert change(client, ended, **fields).status_code == 404


def test_a_line_of_another_call_is_out_of_reach(
    cast: Cast, client: Client, ended: Meeting
) -> None:
    assert cast.other_guest.seat
    other = cast.other_guest.seat.meeting
    row = BriefLine.objects.create(meeting=other, section="notes", text="Theirs")
    answer = change(client, ended, do="remove", line=f"row-{row.pk}", version=1)
    assert answer.status_code == 409
    row.refresh_from_db()
    assert not row.removed


def test_lines_of_a_person_go_with_the_person(
    client: Client, ended: Meeting, owner: Participant, promised: Utterance
) -> None:
    (line,) = steps(ended)
    change(client, ended, do="tick", line=line.key, version=0)
    owner.delete()
    assert not BriefLine.objects.exists()


def test_it_is_copied_as_text_markdown_and_html(
    client: Client, ended: Meeting, promised: Utterance
) -> None:
    (line,) = steps(ended)
    fields = {"do": "rewrite", "line": line.key, "version": 0}
    change(client, ended, **fields, text="Send *the* offer <b>")
    (line,) = steps(ended)
    assert line.row
    change(client, ended, do="tick", line=line.key, version=line.row.version)
    sections = lines_of(ended, timeline_of(ended))
    assert "- [done] 0:40 Olga Owner: Send *the* offer <b>" in copied.as_text(
        ended, sections
    )
    written = copied.as_markdown(ended, sections)
    link = f"/calls/{ended.code}/#t=40.0"
    assert "- [x] [0:40](" in written and link in written
    assert r"Send \*the\* offer \<b\>" in written
    html = copied.as_html(ended, sections)
    assert "<s>Olga Owner: Send *the* offer &lt;b&gt;</s>" in html
    assert link in html
