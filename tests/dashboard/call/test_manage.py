"""What the owner does with a call: settings, and its end for good."""

from pathlib import Path
from typing import Any

import pytest

from dashboard.models import TalkStrip, Turn
from dashboard.search import Asker, find
from dashboard.search.index import rebuild
from meetings.models import Account, Job, Meeting, Participant
from meetings.models.recording import folder_of
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Utterance

HTMX = {"HX-Request": "true"}


def post(
    cast: Cast, piece: str, data: dict[str, str] | None = None, **more: Any
) -> Any:
    return cast.owner.client.post(f"/calls/{cast.code}/{piece}/", data, **more)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_it_keeps_what_the_owner_sets(cast: Cast, ended: Meeting) -> None:
    data = {
        "title": " Globex\u202e renewal",
        "account": "Globex",
        "visibility": "private",
    }
    answer = post(cast, "settings", data, headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    ended.refresh_from_db()
    assert ended.account
    assert (ended.title, ended.account.name) == ("Globex renewal", "Globex")
    assert cast.let_in(f"/calls/{cast.code}/") == {"owner"}


def test_its_menu_holds_what_one_may_do(cast: Cast, ended: Meeting) -> None:
    change = (f"{cast.code}/settings/", f"{cast.code}/delete/", "Hear it again")
    for page in ("/", f"/calls/{cast.code}/"):
        owner = cast.owner.client.get(page).content.decode()
        mate = cast.teammate.client.get(page).content.decode()
        assert all(piece in owner and piece not in mate for piece in change)
        assert f"/calls/{cast.code}/passes/" in owner
        assert f"/calls/{cast.code}/passes/" in mate


def test_one_customer_is_one_however_it_is_written(cast: Cast, ended: Meeting) -> None:
    globex = Account.objects.create(name="Globex")
    data = {"visibility": "team", "account": " gLOBEX\u200b"}
    assert post(cast, "settings", data, headers=HTMX).status_code == 204
    ended.refresh_from_db()
    assert ended.account == globex and Account.objects.count() == 1
    assert (
        post(cast, "settings", {"visibility": "team"}, headers=HTMX).status_code == 204
    )
    ended.refresh_from_db()
    assert ended.account is None and Account.objects.count() == 1


def test_settings_propose_customers_of_calls_that_one_may_see(
    cast: Cast, ended: Meeting
) -> None:
    other = Meeting.objects.get(owner=cast.stranger.user)
    for meeting, name in ((ended, 'Acme <b>&"'), (other, "Secret Ltd")):
        Meeting.objects.filter(pk=meeting.pk).update(
            account=Account.objects.create(name=name)
        )
    html = cast.owner.client.get(f"/calls/{cast.code}/settings/").content.decode()
    assert '<option value="Acme &lt;b&gt;&amp;&quot;">' in html
    assert "Secret Ltd" not in html


def test_it_goes_back_to_the_call_from_a_page_without_scripts(
    cast: Cast, ended: Meeting
) -> None:
    answer = post(cast, "settings", {"visibility": "team"})
    assert answer.headers["Location"] == f"/calls/{cast.code}/"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"visibility": "everybody"},
        {"visibility": "team", "title": "x" * 201},
        {"visibility": "team", "account": "nul\x00"},
    ],
)
def test_it_says_what_is_wrong_with_settings(
    cast: Cast, ended: Meeting, wrong: dict[str, str]
) -> None:
    answer = post(cast, "settings", wrong, headers=HTMX)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode() or wrong == {}
    ended.refresh_from_db()
    assert ended.title == "Discovery call"


def test_it_is_a_page_and_a_part_of_one(cast: Cast, ended: Meeting) -> None:
    path = f"/calls/{cast.code}/settings/"
    assert "<html" in cast.owner.client.get(path).content.decode()
    part = cast.owner.client.get(path, headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'value="Discovery call"' in part


def guest_of(cast: Cast) -> Participant:
    assert cast.guest.seat
    return cast.guest.seat


def test_it_lets_the_owner_alone_say_who_somebody_was(
    cast: Cast, ended: Meeting
) -> None:
    piece = f"/calls/{cast.code}/people/{guest_of(cast).pk}/"
    data = {"name": "Gwen", "side": "us"}
    assert cast.let_in(piece, "post", data=data) == {"owner"}


def test_people_get_other_names_and_sides(cast: Cast, ended: Meeting) -> None:
    guest, owner = guest_of(cast), ended.participants.exclude(user=None).get()
    wrong = {"name": " ", "side": "us"}
    assert post(cast, f"people/{guest.pk}", wrong).status_code == 422
    data = {"name": " Gwen\u202e Guest", "side": "us"}
    assert post(cast, f"people/{guest.pk}", data, headers=HTMX).status_code == 204
    data = {"name": "Somebody else", "side": "them"}  # an account keeps its name
    assert post(cast, f"people/{owner.pk}", data, headers=HTMX).status_code == 204
    people = [(person.name, person.side) for person in ended.people]
    assert people == [(owner.name, "them"), ("Gwen Guest", "us")]


def test_nobody_is_renamed_in_a_room_or_after_being_deleted(
    cast: Cast, ended: Meeting
) -> None:
    data = {"name": "Gwen", "side": "us"}
    piece = f"people/{guest_of(cast).pk}"
    Meeting.objects.filter(pk=ended.pk).update(state="live")
    assert post(cast, piece, data).status_code == 404
    Meeting.objects.filter(pk=ended.pk).update(state="ended")
    ended.participants.update(erased_at=ended.created_at)
    assert post(cast, piece, data).status_code == 404


def test_it_lets_the_owner_alone_delete(cast: Cast, ended: Meeting) -> None:
    path = f"/calls/{cast.code}/delete/"
    for visitor in cast.everybody:
        if visitor is not cast.owner:
            assert not visitor.gets_in(path, "post"), visitor.name
    ended.refresh_from_db()
    assert ended.deleted_at is None
    assert cast.owner.gets_in(path, "post")
    assert cast.let_in(f"/calls/{cast.code}/") == set()


def test_a_deleted_call_comes_back_as_it_was(cast: Cast, owner: Participant) -> None:
    meeting = owner.meeting
    say(owner, 0, "The canary sings")
    rebuild(meeting)
    assert cast.owner.user
    assert "For 7 days it can be brought back" in said(
        post(cast, "delete", follow=True)
    )
    assert find(Asker(cast.owner.user), "canary").count == 0
    assert cast.code not in cast.owner.client.get("/").content.decode()
    page = cast.owner.client.get("/deleted/").content.decode()
    assert f"/deleted/{cast.code}/back/" in page
    cast.owner.client.post(f"/deleted/{cast.code}/back/")
    assert cast.let_in(f"/calls/{cast.code}/") == {"owner", "teammate"}
    assert find(Asker(cast.owner.user), "canary").count == 1
    assert cast.code not in cast.owner.client.get("/deleted/").content.decode()


def test_the_bin_is_its_owners_and_an_admins(cast: Cast, ended: Meeting) -> None:
    """Not even those who were in the call see it there."""
    post(cast, "delete")
    for visitor in (cast.teammate, cast.stranger):
        assert cast.code not in visitor.client.get("/deleted/").content.decode()
    back, for_good = (f"/deleted/{cast.code}/{way}/" for way in ("back", "erase"))
    others = [one for one in cast.everybody if one is not cast.owner]
    assert not any(
        one.gets_in(way, "post") for one in others for way in (back, for_good)
    )
    assert cast.stranger.user
    cast.stranger.user.is_superuser = True
    cast.stranger.user.save()
    assert cast.code in cast.stranger.client.get("/deleted/").content.decode()
    assert cast.let_in("/deleted/") == {"owner", "teammate", "stranger"}
    assert cast.stranger.gets_in(back, "post")


def test_a_call_that_is_not_deleted_is_not_in_the_bin(
    cast: Cast, ended: Meeting
) -> None:
    assert cast.let_in(f"/deleted/{cast.code}/erase/", "post") == set()
    assert Meeting.objects.filter(pk=ended.pk).exists()


def test_a_deleted_call_is_found_nowhere(cast: Cast, owner: Participant) -> None:
    meeting = owner.meeting
    say(owner, 0, "The canary sings")
    rebuild(meeting)
    Job.objects.create(meeting=meeting, kind="compose", state=Job.State.RUNNING)
    folder = folder_of(meeting)
    (folder / "play-1-1").mkdir()
    (folder / "play-1-1" / "mix.webm").write_bytes(b"canary")

    post(cast, "delete")
    answer = cast.owner.client.post(f"/deleted/{cast.code}/erase/", follow=True)
    assert said(answer).endswith("“Discovery call” is deleted for good.")
    assert cast.code not in answer.content.decode()
    assert not folder.exists()
    for model in (Utterance, Turn, TalkStrip, Job, Participant):
        assert not model._default_manager.filter(meeting=meeting.pk).exists()
    assert cast.owner.user
    assert find(Asker(cast.owner.user), "canary").count == 0


def test_a_job_that_still_writes_leaves_nothing_behind(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, delete = folder_of(ended), Meeting.delete

    def delete_while_a_job_writes(meeting: Meeting) -> Any:
        assert not meeting.jobs.exists()  # it stops at its next step
        (folder_of(meeting) / "mix.webm.part").write_bytes(b"sound")
        return delete(meeting)

    monkeypatch.setattr(Meeting, "delete", delete_while_a_job_writes)
    Job.objects.create(meeting=ended, kind="compose", state=Job.State.RUNNING)
    post(cast, "delete")
    cast.owner.client.post(f"/deleted/{cast.code}/erase/")
    assert not folder.exists()


def test_a_call_that_goes_on_is_not_deleted(cast: Cast) -> None:
    answer = post(cast, "delete", follow=True)
    assert said(answer) == "End “Discovery call” first: people are in it."
    assert Meeting.objects.filter(pk=cast.meeting.pk).exists()


def test_a_room_that_nobody_came_to_is_deleted(cast: Cast) -> None:
    Meeting.objects.update(state=Meeting.State.OPEN, started_at=None)
    post(cast, "delete")
    assert not Meeting.objects.filter(pk=cast.meeting.pk).exists()


def test_it_says_when_files_cannot_be_deleted(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, **more: Any) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr("meetings.recordings.retention.shutil.rmtree", refuse)
    post(cast, "delete")
    answer = cast.owner.client.post(f"/deleted/{cast.code}/erase/", follow=True)
    assert "could not be deleted whole" in said(answer)
    assert Meeting.objects.filter(pk=ended.pk).exists()


def test_the_address_of_a_customer_files_the_call(cast: Cast, ended: Meeting) -> None:
    guest = guest_of(cast)
    data = {"name": "Gita", "side": "them", "email": "gita@acme.com"}
    assert post(cast, f"people/{guest.pk}", data, headers=HTMX).status_code == 204
    ended.refresh_from_db()
    assert ended.account and ended.account.name == "acme.com"
    data["email"] = "no address"
    assert post(cast, f"people/{guest.pk}", data).status_code == 422
