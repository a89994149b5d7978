"""Uploads by tus: every status that a client meets, and what breaks off."""

import errno
import os
import shutil
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client

from meetings.imports import uploads
from meetings.imports.uploads import Upload
from tests.cast import Cast
from tests.uploading import TUS, create, patch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads_dir")]

DATA = b"0123456789"


def found(client: Client, address: str) -> Upload:
    user = User.objects.get(pk=client.session["_auth_user_id"])
    upload = uploads.find(user, address.rsplit("/", 1)[1])
    assert upload
    return upload


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.owner.client


def test_a_file_comes_in_slices(client: Client, uploads_dir: Path) -> None:
    made = create(client, len(DATA))
    assert (made.status_code, made["Tus-Resumable"]) == (201, "1.0.0")
    address = made["Location"]
    assert patch(client, address, 0, DATA[:4])["Upload-Offset"] == "4"
    there = client.head(address, headers=TUS)
    assert (there["Upload-Offset"], there["Upload-Length"]) == ("4", "10")
    assert there["Cache-Control"] == "no-store"
    assert patch(client, address, 4, DATA[4:])["Upload-Offset"] == "10"
    (upload,) = uploads_dir.iterdir()
    assert (upload / "data").read_bytes() == DATA


def test_it_says_what_it_can(client: Client) -> None:
    answer = client.options("/uploads/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination"
    assert int(answer["Tus-Max-Size"]) == django_settings.UPLOAD_MAX_BYTES


def test_an_upload_is_given_up(client: Client, uploads_dir: Path) -> None:
    address = create(client, 10)["Location"]
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 404
    assert not list(uploads_dir.iterdir())


def test_it_is_the_senders_alone(cast: Cast) -> None:
    address = create(cast.owner.client, 10)["Location"]
    for visitor in (cast.teammate, cast.stranger):
        assert code_of(patch(visitor.client, address, 0, DATA)) == (404, "no_upload")
        assert visitor.client.head(address, headers=TUS).status_code == 404
        assert visitor.client.delete(address, headers=TUS).status_code == 404
    for visitor in (cast.guest, cast.other_guest, cast.nobody):
        assert not visitor.gets_in("/uploads/", "post")
        assert not visitor.gets_in(address, "patch")


def test_a_wrong_offset_costs_nothing(client: Client) -> None:
    address = create(client, len(DATA))["Location"]
    patch(client, address, 0, DATA[:4])
    assert code_of(patch(client, address, 0, DATA)) == (409, "conflict")
    assert code_of(patch(client, address, 7, DATA[7:])) == (409, "conflict")
    assert client.head(address, headers=TUS)["Upload-Offset"] == "4"


def test_more_than_was_said_is_refused_and_what_was_there_stays(
    client: Client,
) -> None:
    address = create(client, len(DATA))["Location"]
    patch(client, address, 0, DATA[:4])
    assert code_of(patch(client, address, 4, DATA)) == (413, "too_long")
    assert client.head(address, headers=TUS)["Upload-Offset"] == "4"


def test_two_senders_of_one_file_do_not_mix(client: Client) -> None:
    upload = found(client, create(client, 10)["Location"])

    class Meanwhile(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            with pytest.raises(uploads.Denied) as denied:
                uploads.append(upload, 0, BytesIO(DATA))
            assert (denied.value.code, denied.value.status) == ("locked", 423)
            return super().read(size)

    assert uploads.append(upload, 0, Meanwhile(DATA)) == 10


def test_a_full_disk_keeps_what_was_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = create(client, len(DATA))["Location"]
    patch(client, address, 0, DATA[:4])
    upload = found(client, address)

    class Full(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(uploads.Denied) as denied:
        uploads.append(upload, 4, Full())
    assert (denied.value.code, denied.value.status) == ("no_room", 507)
    assert upload.offset == 4
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(uploads, "RESERVE", usage.free)
    assert code_of(create(client, 10)) == (507, "no_room")


def test_the_limit_is_for_all_files_of_a_person_together(
    client: Client, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_MAX_BYTES = 20
    assert code_of(create(client, 21)) == (413, "too_large")
    first = create(client, 12)["Location"]
    assert code_of(create(client, 12)) == (413, "too_large")
    assert create(cast.teammate.client, 12).status_code == 201
    monkeypatch.setattr(uploads, "IDLE", 0.0)  # the first one was given up, it seems
    assert create(client, 12).status_code == 201
    assert client.head(first, headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"Tus-Resumable": "0.9"}, (412, "bad_version")),
        ({"Upload-Length": "-1"}, (400, "bad_request")),
        ({"Upload-Length": "many"}, (400, "bad_request")),
        ({"Upload-Length": "9" * 30}, (400, "bad_request")),
        ({"Upload-Length": ""}, (400, "bad_request")),
    ],
)
def test_bad_requests_are_told_why(
    client: Client, headers: dict[str, str], answer: tuple[int, str]
) -> None:
    assert code_of(create(client, 10, **headers)) == answer


@pytest.mark.parametrize(
    "metadata", ["", "filename", "filename !!!", "filename /w==", "other YQ=="]
)
def test_a_name_that_cannot_be_read_is_no_reason_to_refuse(
    client: Client, metadata: str
) -> None:
    made = create(client, 10, **{"Upload-Metadata": metadata})
    assert found(client, made["Location"]).name == "recording"


def test_a_slice_has_its_own_type(client: Client) -> None:
    address = create(client, 10)["Location"]
    answer = client.patch(
        address, DATA, content_type="text/plain", headers={**TUS, "Upload-Offset": "0"}
    )
    assert code_of(answer) == (415, "bad_type")


def test_what_nobody_touches_for_a_day_goes(client: Client, uploads_dir: Path) -> None:
    old, new = create(client, 10)["Location"], create(client, 10)["Location"]
    (uploads_dir / "upload_of_a_killed_process").write_bytes(DATA)
    (uploads_dir / "half").mkdir()
    long_ago = time() - uploads.KEPT - 60
    for name in (old.rsplit("/", 1)[1], "upload_of_a_killed_process", "half"):
        for path in (uploads_dir / name).rglob("*"):
            os.utime(path, (long_ago, long_ago))
        os.utime(uploads_dir / name, (long_ago, long_ago))
    assert uploads.sweep() == 3
    assert [path.name for path in uploads_dir.iterdir()] == [new.rsplit("/", 1)[1]]
