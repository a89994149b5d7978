"""Calls are taken out as one file: by who may see them, and only while they exist."""

import csv
import errno
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dashboard.exports import keeping, pack, pieces
from dashboard.exports.archive import Archive
from dashboard.models import Export
from dashboard.models.export import KEPT
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from meetings.recordings import erasure, finishing, retention
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import end, say
from tests.meetings.recordings.test_film import file_of, run
from tests.meetings.recordings.test_repair import DEMO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path


def ordered(cast: Cast, scope: str = "mine", **more: Any) -> Export:
    user = cast.owner.user
    assert user
    return keeping.order(Export(by=user, scope=scope, **more))


def packed(export: Export) -> zipfile.ZipFile:
    assert export.job
    jobs.run(export.job.pk)
    export.refresh_from_db()
    assert export.is_ready, export.job.error
    return zipfile.ZipFile(export.path)


def outcome(export: Export) -> tuple[str, str]:
    """How the job ended: its state, and what people are told."""
    assert export.job
    jobs.run(export.job.pk)
    export.refresh_from_db()
    export.job.refresh_from_db()
    return export.job.state, export.job.error


def test_only_who_took_it_out_may_have_it(cast: Cast, ended: Meeting) -> None:
    export = ordered(cast)
    packed(export).close()
    for address in ("file", "cancel", "again"):
        path = f"/exports/{export.pk}/{address}/"
        method = "get" if address == "file" else "post"
        others = [v for v in cast.everybody if v.name != "owner"]
        assert not [v.name for v in others if v.gets_in(path, method)], address
    headers = cast.owner.client.get(f"/exports/{export.pk}/file/").headers
    assert headers["X-Accel-Redirect"] == f"/protected/exports/{export.pk}/calls.zip"
    signed_in = {"owner", "teammate", "stranger"}
    for path in ("/exports/", "/exports/rows/"):
        assert cast.let_in(path) == signed_in
    assert cast.let_in(f"/calls/{ended.code}/take-out/", "post") == {
        "owner",
        "teammate",
    }


def test_it_holds_all_of_the_calls_that_one_may_see(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    assert cast.stranger.user and cast.guest.seat
    say(owner, 1_000, "Good morning")
    file_of(owner, "microphone", "ogg", DEMO)
    run(jobs.request("compose", ended))
    end(live_meeting(cast.stranger.user, "Secret"))
    with packed(ordered(cast, "all")) as made:
        assert made.testzip() is None
        folder = f"{ended.date:%Y-%m-%d} Discovery call"
        names = set(made.namelist())
        texts = {f"{folder}/{name}" for name in pieces.NAMES.values()}
        sound = {f"{folder}/sound/everybody.m4a", f"{folder}/sound/Olga Owner.webm"}
        assert names == {*texts, *sound, "calls.csv"}
        assert b"Good morning" in made.read(f"{folder}/transcript.txt")
        rows = list(csv.reader(io.StringIO(made.read("calls.csv").decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["title", "Discovery call"]


def test_an_admin_takes_the_whole_site(cast: Cast, ended: Meeting) -> None:
    assert cast.stranger.user
    end(live_meeting(cast.stranger.user, "Secret"))
    cast.stranger.user.is_superuser = True
    cast.stranger.user.save()
    export = keeping.order(Export(by=cast.stranger.user, scope="all", sound=False))
    with packed(export):
        assert export.calls == 2
    page = cast.stranger.client.get("/exports/").content.decode()
    assert "All calls of this site" in page


def test_a_search_takes_what_it_finds(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    assert cast.owner.user
    say(owner, 1_000, "The price is too high")
    run(jobs.request("index", ended))
    end(live_meeting(cast.owner.user, "Another"))
    with packed(ordered(cast, "search", query="price")):
        pass
    assert list(Export.objects.get().packed.all()) == [ended]
    assert outcome(ordered(cast, "search", query="zyzzyva")) == (
        Job.State.FAILED,
        pack.NOTHING,
    )


def test_hostile_titles_are_folders_of_their_own(cast: Cast) -> None:
    assert cast.owner.user
    titles = [
        "Renewal",
        "renewal",
        "a/../b\\c",
        "\u202eCON",
        "\U0001f44d" * 100,
        "=1+1",
    ]
    for title in titles:
        end(live_meeting(cast.owner.user, title))
    with packed(ordered(cast, documents=False)) as made:
        paths = made.namelist()
        rows = made.read("calls.csv").decode()
    folders = {path.split("/")[0].casefold() for path in paths if "/" in path}
    assert len(folders) == len(titles)
    assert not any(".." in path.split("/") or "\\" in path for path in paths)
    assert max(len(part.encode()) for path in paths for part in path.split("/")) < 200
    assert ",'=1+1," in rows


def test_what_is_taken_is_what_one_may_see_when_it_is_packed(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.teammate.user and cast.owner.user
    other = end(live_meeting(cast.owner.user, "Soon private"))
    Meeting.objects.filter(pk=other.pk).update(started_at=ended.date - timedelta(1))
    export = keeping.order(Export(by=cast.teammate.user, scope="all"))

    def hidden(meeting: Meeting, *args: Any) -> list[str]:
        Meeting.objects.filter(pk=other.pk).update(visibility="private")
        return taken(meeting, *args)

    taken = pieces.take
    monkeypatch.setattr(pieces, "take", hidden)
    with packed(export) as made:
        assert "Soon private" not in str(made.namelist())


def test_who_loses_the_right_to_a_call_loses_the_file(
    cast: Cast, ended: Meeting
) -> None:
    assert cast.teammate.user
    export = keeping.order(Export(by=cast.teammate.user, scope="all"))
    packed(export).close()
    Meeting.objects.filter(pk=ended.pk).update(visibility="private")
    answer = cast.teammate.client.get(f"/exports/{export.pk}/file/", follow=True)
    assert "You may no longer see every call in it" in answer.content.decode()
    assert not export.folder.exists()


def deleted_person(cast: Cast, meeting: Meeting) -> None:
    assert cast.owner.user and cast.guest.seat
    guest = Participant.objects.get(pk=cast.guest.seat.pk)
    erasure.erase(guest, cast.owner.user)


def deleted_call(cast: Cast, meeting: Meeting) -> None:
    retention.delete(Meeting.objects.get(pk=meeting.pk))


@pytest.mark.parametrize("delete", [deleted_person, deleted_call])
@pytest.mark.parametrize("when", ["meanwhile", "after"])
def test_a_deletion_takes_the_file_along(
    cast: Cast,
    ended: Meeting,
    monkeypatch: pytest.MonkeyPatch,
    delete: Callable[[Cast, Meeting], None],
    when: str,
) -> None:
    export = ordered(cast, "all")

    def taken(meeting: Meeting, *args: Any) -> list[str]:
        missed = take(meeting, *args)
        delete(cast, meeting)
        return missed

    take = pieces.take
    if when == "meanwhile":
        monkeypatch.setattr(pieces, "take", taken)
        outcome(export)
    else:
        packed(export).close()
        delete(cast, ended)
    export.refresh_from_db()
    assert (export.gone, export.file) == (Export.Gone.WITHDRAWN, "")
    assert not export.folder.exists()
    assert cast.owner.client.get(f"/exports/{export.pk}/file/").status_code == 404


def test_a_call_without_room_is_refused_before_a_byte(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "room_left", lambda folder: (1 << 30) + 100_000)
    export = ordered(cast)
    state, told = outcome(export)
    assert state == Job.State.FAILED
    assert told == (
        "It takes 293.0 KB, and the server's disk has room for 97.7 KB. "
        "Make room, or take less."
    )
    assert not export.folder.exists()


@pytest.mark.parametrize("way", ["no space", "little space"])
def test_a_disk_that_fills_leaves_nothing_half(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def full(self: Archive, name: str, content: bytes, at: Any) -> None:
        if way == "no space":
            raise OSError(errno.ENOSPC, "No space left on device")
        monkeypatch.setattr(pack, "room_left", lambda folder: 1)
        monkeypatch.setattr(pack, "LOOK", 0.0)
        add(self, name, content, at)

    add = Archive.add
    monkeypatch.setattr(Archive, "add", full)
    export = ordered(cast)
    assert outcome(export) == (Job.State.FAILED, finishing.NO_ROOM)
    assert not export.folder.exists()
    assert export.has_failed


def test_it_goes_on_with_the_next_call_when_its_process_was_stopped(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.owner.user
    end(live_meeting(cast.owner.user, "Another"))
    seen: list[str] = []

    def taken(meeting: Meeting, *args: Any) -> list[str]:
        seen.append(meeting.name)
        return take(meeting, *args)

    take = pieces.take
    monkeypatch.setattr(pieces, "take", taken)
    monkeypatch.setattr(pack, "LEAST", 0.0)
    jobs.request("index", ended)  # quicker work that waits
    export = ordered(cast, documents=False)
    assert outcome(export)[0] == Job.State.QUEUED
    with packed(export) as made:
        assert len([n for n in made.namelist() if n.endswith("words.json")]) == 2
        assert len(set(made.namelist())) == len(made.namelist())
    assert sorted(seen) == ["Another", "Discovery call"]


def test_it_can_be_cancelled_while_it_waits_and_while_it_works(
    cast: Cast, ended: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = ordered(cast)
    cast.owner.client.post(f"/exports/{waits.pk}/cancel/")
    assert not Job.objects.filter(kind="pack").exists()
    works = ordered(cast)

    def taken(*args: Any) -> list[str]:
        cast.owner.client.post(f"/exports/{works.pk}/cancel/")
        return take(*args)

    take = pieces.take
    monkeypatch.setattr(pieces, "take", taken)
    outcome(works)
    assert works.gone == Export.Gone.CANCELLED
    assert not works.folder.exists()


def test_nobody_fills_the_queue(cast: Cast, ended: Meeting) -> None:
    for _ in range(keeping.MOST + 1):
        answer = cast.owner.client.post("/exports/", {"scope": "mine"}, follow=True)
    assert Export.objects.count() == keeping.MOST
    assert "on their way already" in answer.content.decode()


def test_it_goes_when_its_time_is_over(cast: Cast, ended: Meeting) -> None:
    export = ordered(cast)
    packed(export).close()
    assert keeping.sweep() == 0
    Export.objects.update(finished_at=timezone.now() - KEPT)
    assert keeping.sweep() == 1
    assert not export.folder.exists()
    page = cast.owner.client.get("/exports/").content.decode()
    assert "Deleted: it was kept for two days." in page


def test_a_folder_of_nobody_is_swept(settings: Any) -> None:
    left = settings.RECORDINGS_DIR / "exports" / "77"
    left.mkdir(parents=True)
    assert keeping.sweep() == 0  # somebody may be at work in it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "UNTOUCHED", -1.0)
        assert keeping.sweep() == 1
    assert not left.exists()


def test_a_search_without_words_is_asked_for_them(cast: Cast) -> None:
    answer = cast.owner.client.post("/exports/", {"scope": "search"})
    assert answer.status_code == 422
    assert "Write what to search for" in answer.content.decode()


def test_the_command_writes_folders_and_goes_on(
    cast: Cast, ended: Meeting, tmp_path: Path
) -> None:
    assert cast.owner.user
    out = tmp_path / "out"
    call_command("export", ended.code, to=out, no_documents=True)
    folder = out / f"{ended.date:%Y-%m-%d} Discovery call ({ended.code})"
    written = (folder / "words.json").stat().st_mtime_ns
    end(live_meeting(cast.owner.user, "Another"))
    call_command("export", "all", to=out, no_documents=True)
    assert (folder / "words.json").stat().st_mtime_ns == written
    assert len([path for path in out.iterdir() if path.is_dir()]) == 2
    assert len((out / "calls.csv").read_text("utf-8-sig").splitlines()) == 3
    with pytest.raises(CommandError, match="No meeting that has ended"):
        call_command("export", "nowhere", to=out)


def test_the_command_leaves_no_half_call(
    cast: Cast, ended: Meeting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pieces, "_chat", full)
    with pytest.raises(CommandError, match="the disk is full. Run it again to go on"):
        call_command("export", "all", to=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_long_list_asks_no_more_than_a_short_one(
    cast: Cast, ended: Meeting, django_assert_max_num_queries: Any
) -> None:
    assert cast.owner.user
    Meeting.objects.update(title="")  # named after its people
    for _ in range(10):
        Export.objects.create(by=cast.owner.user, scope="call", meeting=ended)
    with django_assert_max_num_queries(9):
        cast.owner.client.get("/exports/rows/")
