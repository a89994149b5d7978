"""A file that is a call already is known again, and what a page says of files."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from meetings.imports.known import Duplicate
from meetings.imports.services import SourceFile, import_files
from meetings.models import Account, Fingerprint, Job, Meeting
from meetings.recordings import erasure, retention
from tests.cast import Cast
from tests.meetings.imports.test_imports import imported, post, refusal, tone
from tests.uploading import sent

__all__ = ["post"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("uploads_dir"),
]


@pytest.fixture
def owner(cast: Cast) -> User:
    assert cast.owner.user
    return cast.owner.user


def test_a_file_under_another_name_is_known_again(post: Any, tmp_path: Path) -> None:
    first = imported(post(tone(tmp_path / "ann.wav"), title="Kick-off"))
    answer = post(tone(tmp_path / "<b>other.wav"))
    assert refusal(answer) == (409, "duplicate")
    error = answer.json()["error"]
    assert error["url"] == first.get_absolute_url() and error["title"] == "Kick-off"
    assert error["message"] == "<b>other.wav was imported already as “Kick-off”."


def test_it_is_taken_again_by_who_wants_that(cast: Cast, tmp_path: Path) -> None:
    client, file = cast.owner.client, tone(tmp_path / "a.wav").read_bytes()
    imported(client.post("/import/", {"uploads": [sent(client, "a.wav", file)]}))
    upload = sent(client, "a.wav", file)
    assert client.post("/import/", {"uploads": [upload]}).status_code == 409
    again = {"uploads": [upload], "again": "1"}  # nothing has to be sent anew
    assert client.post("/import/", again).status_code == 201
    assert client.post("/import/", {"uploads": [upload]}).status_code == 404


def test_a_call_that_one_may_not_see_is_no_secret_told(
    cast: Cast, tmp_path: Path
) -> None:
    file = tone(tmp_path / "a.wav").read_bytes()

    def send(who: str) -> Any:
        client = getattr(cast, who).client
        return client.post("/import/", {"uploads": [sent(client, "a.wav", file)]})

    assert send("owner").status_code == 201
    assert send("stranger").status_code == 201
    assert refusal(send("teammate")) == (409, "duplicate")
    Meeting.objects.filter(owner=cast.owner.user).update(visibility="private")
    assert send("teammate").status_code == 201


def test_what_was_deleted_or_failed_can_come_again(
    post: Any, tmp_path: Path, owner: User
) -> None:
    file = tone(tmp_path / "ann.wav")
    first = imported(post(file))
    retention.delete(first)
    second = imported(post(file))
    Job.objects.filter(meeting=second, kind="import").update(state="failed")
    assert post(file).status_code == 201
    assert refusal(post(file)) == (409, "duplicate")


def test_of_two_tabs_with_the_same_file_one_gets_the_call(
    owner: User, tmp_path: Path
) -> None:
    file = SourceFile(tone(tmp_path / "ann.wav"), "ann.wav")

    def bring(_: int) -> str:
        try:
            return import_files(owner, [file]).code
        except Duplicate:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        codes = list(filter(None, pool.map(bring, range(8))))
    assert [m.code for m in Meeting.objects.filter(state="importing")] == codes
    assert len(codes) == 1
    assert not list(Path(os.environ["DATA_DIR"]).rglob("incoming-*"))  # of the others


def test_of_a_deleted_person_no_hash_of_their_file_stays(
    post: Any, tmp_path: Path, owner: User
) -> None:
    files = tone(tmp_path / "ann.wav"), tone(tmp_path / "ben.wav", 1.0, 300.0)
    meeting = imported(post(*files))
    assert Fingerprint.objects.count() == 2
    erasure.erase(meeting.people[0], owner)
    assert [row.file for row in Fingerprint.objects.all()] == ["source-1"]


def test_the_command_says_how_to_take_it_again(owner: User, tmp_path: Path) -> None:
    file = str(tone(tmp_path / "ann.wav"))
    call_command("import_call", file, owner=owner.email)
    with pytest.raises(CommandError, match="already as “ann”. --again"):
        call_command("import_call", file, owner=owner.email)
    call_command("import_call", file, owner=owner.email, again=True)


# -- what is said of the files


def test_a_page_says_what_the_call_is(post: Any, tmp_path: Path) -> None:
    people = [
        {"name": "Olga", "email": "olga@northwind.com"},
        {"name": "Ann", "email": "ann@acme.com"},
    ]
    User.objects.update(email="olga@northwind.com")
    answer = post(
        tone(tmp_path / "2024-05-13.wav"),
        language="fr",
        held_at="2026-10-05T14:30:00Z",
        people=json.dumps(people),
    )
    meeting = imported(answer)
    assert meeting.started_at == datetime(2026, 10, 5, 14, 30, tzinfo=UTC)
    assert meeting.language == "fr"
    assert meeting.account and meeting.account.name == "acme.com"
    told = {person.name: person.side for person in meeting.people}
    # Who speaks in the one file is not known: nobody is named as its voice.
    assert told == {"2024-05-13": "us", "Olga": "us", "Ann": "them"}


def test_the_one_who_was_there_is_the_voice(post: Any, tmp_path: Path) -> None:
    people = json.dumps([{"name": "Ann", "email": "ann@acme.com", "side": "them"}])
    meeting = imported(post(tone(tmp_path / "x.wav"), people=people, account="ACME"))
    assert [(p.name, p.side, p.email) for p in meeting.people] == [
        ("Ann", "them", "ann@acme.com")
    ]
    assert meeting.account == Account.objects.get(name="ACME")


@pytest.mark.parametrize(
    ("name", "fields", "day"),
    [
        ("2024-05-13.wav", {}, "2024-05-13"),
        ("2024-05-13.wav", {"held_else": "2026-10-05T14:30:00Z"}, "2024-05-13"),
        ("call.wav", {"held_else": "2026-10-05T14:30:00Z"}, "2026-10-05"),
        ("2024-05-13.wav", {"held_at": "2026-10-05T14:30:00Z"}, "2026-10-05"),
    ],
)
def test_a_call_was_when_its_file_or_its_importer_says(
    post: Any, tmp_path: Path, name: str, fields: dict[str, str], day: str
) -> None:
    meeting = imported(post(tone(tmp_path / name), **fields))
    assert meeting.started_at
    assert timezone.localtime(meeting.started_at).date().isoformat() == day


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"held_at": "tomorrow"}, "bad_date"),
        ({"held_at": "2999-01-01"}, "bad_date"),
        ({"held_else": "1900-01-01"}, "bad_date"),
        ({"language": "klingon"}, "bad_language"),
        ({"people": "{"}, "bad_people"),
        ({"people": "5"}, "bad_people"),
        ({"people": '["Ann"]'}, "bad_people"),
        ({"people": '[{"name": "\u200b"}]'}, "bad_people"),
        ({"people": "[" * 100_000}, "bad_people"),
    ],
)
def test_it_refuses_what_cannot_be(
    post: Any, tmp_path: Path, fields: dict[str, str], code: str
) -> None:
    assert refusal(post(tone(tmp_path / "a.wav"), **fields)) == (400, code)
    assert not Meeting.objects.filter(state="importing").exists()


def test_a_description_is_read_for_who_is_signed_in(cast: Cast) -> None:
    def ask(visitor: Any, content: bytes) -> Any:
        file = SimpleUploadedFile("calls.csv", content)
        return visitor.client.post("/import/describe/", {"file": file})

    for visitor in (cast.guest, cast.other_guest, cast.nobody):
        assert not visitor.gets_in("/import/describe/", "post")
    answer = ask(cast.stranger, b"file,title\na.wav,<b>T</b>\n,x\n")
    assert answer.json()["calls"]["a"]["title"] == "<b>T</b>"
    assert answer.json()["errors"] == [[3, "It does not say which file it is of."]]
    assert refusal(ask(cast.owner, b"\xff\xfe\x00")) == (422, "no_description")
    nothing = cast.owner.client.post("/import/describe/")
    assert refusal(nothing) == (400, "no_file")
