"""What the owner does with a call: settings, and its end for good."""

from pathlib import Path
from typing import Any

import pytest

from dashboard.models import TalkStrip, Turn
from dashboard.search import find
from dashboard.search.index import rebuild
from meetings.models import Job, Meeting, Participant
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
    assert (ended.title, ended.account) == ("Globex renewal", "Globex")
    assert cast.let_in(f"/calls/{cast.code}/") == {"owner"}


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


def test_it_lets_the_owner_alone_delete(cast: Cast, ended: Meeting) -> None:
    path = f"/calls/{cast.code}/delete/"
    for visitor in cast.everybody:
        if visitor is not cast.owner:
            assert not visitor.gets_in(path, "post"), visitor.name
    assert Meeting.objects.filter(pk=ended.pk).exists()
    assert cast.owner.gets_in(path, "post")
    assert not Meeting.objects.filter(pk=ended.pk).exists()


def test_a_deleted_call_is_found_nowhere(cast: Cast, owner: Participant) -> None:
    meeting = owner.meeting
    say(owner, 0, "The canary sings")
    rebuild(meeting)
    Job.objects.create(meeting=meeting, kind="compose", state=Job.State.RUNNING)
    folder = folder_of(meeting)
    (folder / "play-1-1").mkdir()
    (folder / "play-1-1" / "mix.webm").write_bytes(b"canary")

    answer = post(cast, "delete", follow=True)
    assert said(answer) == "“Discovery call” is deleted."
    assert cast.code not in answer.content.decode()
    assert not folder.exists()
    for model in (Utterance, Turn, TalkStrip, Job, Participant):
        assert not model._default_manager.filter(meeting=meeting.pk).exists()
    assert cast.owner.user
    assert find(cast.owner.user, "canary", 1).count == 0


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
    assert "could not be deleted whole" in said(post(cast, "delete", follow=True))
    assert Meeting.objects.filter(pk=ended.pk).exists()
