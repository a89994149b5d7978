"""Corrections by the page of a call: who may, what is answered, what is seen."""

import uuid
from typing import Any

import pytest

from dashboard.call.history import changes_of
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Correction, Utterance

HTMX = {"HX-Request": "true"}


def post(cast: Cast, piece: str, **data: Any) -> Any:
    path = f"/calls/{cast.code}/{piece}/"
    return cast.owner.client.post(path, data, headers=HTMX)


def test_it_lets_who_runs_the_call_correct_it(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    line = say(owner, 0, "Hello Smith")
    base = f"/calls/{cast.code}"
    fields = {"was": "Hello Smith", "text": "Hello Smythe"}
    assert cast.let_in(f"{base}/lines/{line.pk}/text/", "post", data=fields) == {
        "owner"
    }
    change = Correction.objects.get().change
    assert cast.let_in(f"{base}/history/") == {"owner"}
    assert cast.let_in(f"{base}/history/{change}/undo/", "post") == {"owner"}
    fields = {"lines": str(line.pk), "person": str(guest.pk)}
    assert cast.let_in(f"{base}/said-by/", "post", data=fields) == {"owner"}
    into = {"into": str(owner.pk)}
    join = f"{base}/people/{guest.pk}/join/"
    assert cast.let_in(join, "post", data=into) == {"owner"}


def test_a_superuser_corrects_as_the_owner_does(cast: Cast, owner: Participant) -> None:
    assert cast.stranger.user
    line = say(owner, 0, "Hello Smith")
    cast.stranger.user.is_superuser = True
    cast.stranger.user.save()
    path = f"/calls/{cast.code}/lines/{line.pk}/text/"
    fields = {"was": "Hello Smith", "text": "Hello Smythe"}
    assert cast.let_in(path, "post", data=fields) == {"owner", "stranger"}
    assert Correction.objects.get().by == cast.owner.user  # the second agreed


def test_nothing_is_corrected_while_the_call_goes_on(cast: Cast) -> None:
    assert cast.owner.seat
    line = say(cast.owner.seat, 0, "Hello Smith")
    answer = post(cast, f"lines/{line.pk}/text", was="Hello Smith", text="Hi")
    assert answer.status_code == 404


def test_lines_and_changes_of_another_call_are_not_found(
    cast: Cast, owner: Participant
) -> None:
    assert cast.other_guest.seat
    other = say(cast.other_guest.seat, 0, "Hello")
    change = Correction.objects.create(
        meeting=other.meeting, participant=other.participant, kind="text"
    ).change
    answer = post(cast, f"lines/{other.pk}/text", was="Hello", text="Hi")
    assert answer.status_code == 404
    assert post(cast, f"history/{change}/undo").status_code == 404
    assert post(cast, f"history/{uuid.uuid4()}/undo").status_code == 404
    assert post(cast, f"people/{owner.pk}/join", into=other.participant_id).status_code
    assert post(cast, "said-by", lines=other.pk, person=owner.pk).status_code == 422
    assert Utterance.objects.get().text == "Hello"


def test_the_second_of_two_gets_both_texts(cast: Cast, owner: Participant) -> None:
    line = say(owner, 0, "Hello Smith")
    piece = f"lines/{line.pk}/text"
    answer = post(cast, piece, was="Hello Smith", text="Hello Smythe")
    assert answer.json() == {"change": str(Correction.objects.get().change)}
    answer = post(cast, piece, was="Hello Smith", text="Hello Schmidt")
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "owner changed this line meanwhile. Yours is not saved.",
        "theirs": "Hello Smythe",
    }


def test_it_says_when_the_model_wrote_a_line_anew(
    cast: Cast, owner: Participant
) -> None:
    line = say(owner, 0, "Hello Schmidt")
    answer = post(cast, f"lines/{line.pk}/text", was="Hello Smith", text="Hi")
    assert answer.json()["error"].startswith("The model changed this line")


@pytest.mark.parametrize("text", ["", "  ", "x" * 30_000])
def test_it_says_what_is_wrong_with_a_text(
    cast: Cast, owner: Participant, text: str
) -> None:
    line = say(owner, 0, "Hello")
    answer = post(cast, f"lines/{line.pk}/text", was="Hello", text=text)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_lines_are_given_to_somebody_new(cast: Cast, owner: Participant) -> None:
    line = say(owner, 0, "Good morning")
    answer = post(cast, "said-by", lines=line.pk, name=" Carol\u202e ", side="them")
    assert answer.status_code == 200
    line.refresh_from_db()
    assert (line.participant.name, line.participant.side) == ("Carol", "them")
    assert line.participant.is_recorded  # as the track is on which they are heard
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    assert "Carol" in page


@pytest.mark.parametrize(
    "wrong",
    [{}, {"name": "", "side": "us"}, {"side": "us"}, {"name": "Carol", "side": "all"}],
)
def test_somebody_new_has_a_name_and_a_side(
    cast: Cast, owner: Participant, wrong: dict[str, str]
) -> None:
    line = say(owner, 0, "Good morning")
    assert post(cast, "said-by", lines=line.pk, **wrong).status_code == 422
    assert Participant.objects.filter(meeting=owner.meeting).count() == 2


def test_nobody_is_joined_to_themselves_or_to_who_was_deleted(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    assert post(cast, f"people/{guest.pk}/join", into=guest.pk).status_code == 422
    assert post(cast, f"people/{guest.pk}/join", into="nonsense").status_code == 404
    owner.erased_at = owner.joined_at
    owner.save()
    assert post(cast, f"people/{guest.pk}/join", into=owner.pk).status_code == 404


def test_who_was_joined_is_not_renamed_or_given_lines(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    line = say(owner, 0, "Good morning")
    assert post(cast, f"people/{guest.pk}/join", into=owner.pk).status_code == 200
    data = {"name": "Gwen", "side": "us"}
    assert post(cast, f"people/{guest.pk}", **data).status_code == 404
    assert post(cast, "said-by", lines=line.pk, person=guest.pk).status_code == 404


def test_the_history_says_who_changed_what(
    cast: Cast, owner: Participant, guest: Participant, ended: Meeting
) -> None:
    lines = [say(owner, 1000 * n, f"<b>Line</b> {n}") for n in range(3)]
    ids = ",".join(str(line.pk) for line in lines[1:])
    post(cast, f"lines/{lines[0].pk}/text", was=lines[0].text, text="Line zero")
    post(cast, "said-by", lines=ids, person=guest.pk)
    post(cast, f"people/{guest.pk}", name="Gwen", side="us")
    post(cast, f"people/{guest.pk}/join", into=owner.pk)
    changes = changes_of(ended)
    assert [change.kind for change in changes] == ["join", "person", "speaker", "text"]
    assert [(one.before, one.after, one.count) for one in changes] == [
        ("Gwen", "Olga Owner", 1),
        ("Gita Guest (customer)", "Gwen (us)", 1),
        ("Olga Owner", "Gwen", 2),
        ("<b>Line</b> 0", "Line zero", 1),
    ]
    page = cast.owner.client.get(f"/calls/{cast.code}/history/").content.decode()
    assert "&lt;b&gt;Line&lt;/b&gt; 0" in page
    assert page.count("data-undo") == 4


def test_the_history_takes_few_queries(
    cast: Cast, owner: Participant, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        line = say(owner, 1000 * n, f"Line {n}")
        post(cast, f"lines/{line.pk}/text", was=line.text, text=f"Line number {n}")
    with django_assert_max_num_queries(8):
        cast.owner.client.get(f"/calls/{cast.code}/history/")


def test_an_undo_that_is_too_late_says_why(cast: Cast, owner: Participant) -> None:
    line = say(owner, 0, "Hello Smith")
    piece = f"lines/{line.pk}/text"
    post(cast, piece, was="Hello Smith", text="Hello Smythe")
    first = Correction.objects.get().change
    post(cast, piece, was="Hello Smythe", text="Hello Schmidt")
    answer = post(cast, f"history/{first}/undo")
    assert answer.status_code == 409
    assert answer.json()["error"] == "This was changed again since. Undo that first."
