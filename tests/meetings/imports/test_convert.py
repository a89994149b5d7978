"""The import job: people and tracks out of files, each of which stands for itself."""

import errno
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from meetings import jobs
from meetings.imports import convert
from meetings.imports.refused import Refused
from meetings.imports.services import (
    ImportChoice,
    SourceFile,
    import_files,
    voices,
)
from meetings.models import Job, Meeting, Track
from meetings.models.recording import folder_of
from meetings.recordings import retention
from tests.cast import Cast
from tests.imported_files import IMPORTS, tone, wav

pytestmark = pytest.mark.django_db(transaction=True)

Bring = Callable[..., Meeting]


@pytest.fixture
def bring(cast: Cast) -> Bring:
    """Import files, by their names or (path, name); the job has run."""

    def run(*files: Any, **choice: Any) -> Meeting:
        sources = [
            SourceFile(*file)
            if isinstance(file, tuple)
            else SourceFile(file, file.name)
            for file in files
        ]
        owner: Any = cast.owner.user
        meeting = import_files(owner, sources, "", ImportChoice(**choice))
        jobs.run(meeting.jobs.get(kind="import").pk)
        meeting.refresh_from_db()
        return meeting

    return run


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.wav"
    path.write_text("these are notes, not sound\n" * 100)
    return path


def tracks_of(meeting: Meeting) -> list[Track]:
    rows = Track.objects.filter(participant__meeting=meeting).order_by("pk")
    return list(rows.select_related("participant"))


def people_of(meeting: Meeting) -> list[str]:
    return [person.name for person in meeting.people]


def job_of(meeting: Meeting) -> Job:
    return meeting.jobs.get(kind="import")


def again(meeting: Meeting) -> Job:
    job = job_of(meeting)
    assert jobs.retry(job)
    jobs.run(job.pk)
    meeting.refresh_from_db()
    return job_of(meeting)


def left_of(meeting: Meeting) -> list[str]:
    return sorted(path.name for path in folder_of(meeting).iterdir())


def test_rows_keep_the_clock_of_the_file(bring: Bring) -> None:
    meeting = bring(IMPORTS / "late.mka", IMPORTS / "gaps.webm")
    late, gaps = tracks_of(meeting)
    assert late.offset_ms == pytest.approx(7_000, abs=20)
    assert late.end_ms == pytest.approx(20_200, abs=40)
    assert [len(late.gaps), len(gaps.gaps)] == [0, 2]
    assert meeting.duration_ms == pytest.approx(20_200, abs=40)


def test_a_bad_file_fails_alone(bring: Bring, notes: Path) -> None:
    meeting = bring(notes, IMPORTS / "anna.ogg", IMPORTS / "rate.mp3")
    assert people_of(meeting) == ["anna", "rate"]
    assert job_of(meeting).error == (
        "notes.wav is not a sound or video file that can be read."
    )
    assert {job.kind for job in meeting.jobs.all()} >= {"compose", "second_pass"}


def test_a_sentence_names_no_folder_of_the_server(bring: Bring, notes: Path) -> None:
    error = job_of(bring(notes)).error
    assert str(settings.DATA_DIR) not in error and "Error" not in error


def test_a_failed_import_is_an_end(bring: Bring, notes: Path) -> None:
    meeting = bring(notes)
    assert meeting.state == Meeting.State.ENDED
    assert left_of(meeting) == []


def test_what_can_never_be_read_says_so_again(bring: Bring, notes: Path) -> None:
    job = again(bring(notes))
    assert job.state == Job.State.FAILED
    assert job.error.startswith("notes.wav is not")


def test_a_failed_import_can_be_deleted(
    bring: Bring, cast: Cast, notes: Path, admin_client: Any
) -> None:
    meeting = bring(notes)
    admin_client.post(f"/admin/meetings/meeting/{meeting.pk}/delete/", {"post": "yes"})
    assert not Meeting.objects.filter(pk=meeting.pk).exists()
    assert not (Path(settings.RECORDINGS_DIR) / str(meeting.pk)).exists()


def test_retention_takes_a_failed_import(bring: Bring, notes: Path) -> None:
    meeting = bring(notes)
    long_ago = timezone.now() - timedelta(days=settings.RETENTION_DAYS + 1)
    Meeting.objects.filter(pk=meeting.pk).update(ended_at=long_ago)
    assert retention.expire() == 1


def test_an_old_recording_is_not_taken_before_its_time(bring: Bring) -> None:
    bring(IMPORTS / "dated.m4a")
    assert retention.expire() == 0


def test_an_import_that_was_given_up_is_an_end(cast: Cast) -> None:
    """Its runner died three times: nobody was there to end the meeting."""
    owner: Any = cast.owner.user
    meeting = import_files(owner, [SourceFile(IMPORTS / "anna.ogg", "anna.ogg")])
    assert convert.settle() == 0
    meeting.jobs.update(state=Job.State.FAILED, attempt=3)
    assert convert.settle() == 1
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.ENDED
    assert again(meeting).state == Job.State.DONE
    assert people_of(meeting) == ["anna"]


def test_a_machine_without_time_tries_again(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "LOOK_SECONDS", 0.01)
    meeting = bring(IMPORTS / "anna.ogg")
    job = job_of(meeting)
    assert (job.state, meeting.state) == (Job.State.QUEUED, Meeting.State.IMPORTING)
    assert "no time to look into anna.ogg" in job.error
    monkeypatch.undo()
    jobs.run(job.pk)
    assert job_of(meeting).state == Job.State.DONE


def test_it_does_not_try_for_ever(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(convert, "PATIENCE", timedelta(0))
    meeting = bring(IMPORTS / "anna.ogg")
    assert job_of(meeting).state == Job.State.FAILED
    monkeypatch.undo()
    assert again(meeting).state == Job.State.DONE


def test_a_full_disk_leaves_the_file_for_another_try(cast: Cast) -> None:
    owner: Any = cast.owner.user
    meeting = import_files(owner, [SourceFile(IMPORTS / "anna.ogg", "anna.ogg")])
    (folder_of(meeting) / "source-0-0-0.ogg.part").symlink_to("/dev/full")
    jobs.run(job_of(meeting).pk)
    assert (
        job_of(meeting).error == "The server's disk is full. Make room, then try again."
    )
    assert left_of(meeting) == ["source-0"]
    assert again(meeting).state == Job.State.DONE
    assert people_of(meeting) == ["anna"]


@pytest.mark.parametrize("where", ["at the door", "while it copies"])
def test_a_full_disk_is_refused_and_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    usage = shutil.disk_usage(settings.DATA_DIR)
    if where == "at the door":
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _: usage._replace(free=1_000_000)
        )
    else:
        monkeypatch.setattr(shutil, "copyfile", full)
    before = set(Path(settings.RECORDINGS_DIR).iterdir())
    owner: Any = cast.owner.user
    with pytest.raises(Refused, match="no room"):
        import_files(owner, [SourceFile(IMPORTS / "anna.ogg", "anna.ogg")])
    assert set(Path(settings.RECORDINGS_DIR).iterdir()) == before
    assert not Meeting.objects.filter(state="importing").exists()


def test_gigabytes_are_copied_before_the_transaction(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    copyfile, seen = shutil.copyfile, []

    def watched(*args: Any) -> None:
        seen.append(connection.in_atomic_block)
        copyfile(*args)

    monkeypatch.setattr(shutil, "copyfile", watched)
    bring(IMPORTS / "anna.ogg")
    assert seen == [False]


def test_what_fails_behind_the_copy_leaves_no_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the next meeting gets the number of the one that was taken back."""

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no job today")

    before = set(Path(settings.RECORDINGS_DIR).iterdir())
    owner: Any = cast.owner.user
    monkeypatch.setattr(jobs, "request", fail)
    with pytest.raises(RuntimeError):
        import_files(owner, [SourceFile(IMPORTS / "anna.ogg", "anna.ogg")])
    assert set(Path(settings.RECORDINGS_DIR).iterdir()) == before


def test_a_folder_of_a_meeting_that_never_was_is_not_taken_over(bring: Bring) -> None:
    number = bring(IMPORTS / "anna.ogg").pk + 1
    stale = Path(settings.RECORDINGS_DIR) / str(number)
    stale.mkdir()
    (stale / "source-of-somebody").touch()
    meeting = bring(IMPORTS / "phone_dtx.amr")
    assert meeting.pk == number
    assert left_of(meeting) == ["source-0-0-0.ogg"]


def test_tracks_are_people(bring: Bring) -> None:
    meeting = bring(IMPORTS / "twotracks.mp4")
    assert people_of(meeting) == ["twotracks (1)", "twotracks (2)"]
    assert [person.side for person in meeting.people] == ["us", "them"]
    notes = {track.note for track in tracks_of(meeting)}
    assert notes == {"twotracks.mp4 has 2 sound tracks, one person each."}


def test_who_is_deleted_finds_their_file_by_the_job(bring: Bring) -> None:
    meeting = bring(IMPORTS / "twotracks.mp4", IMPORTS / "anna.ogg")
    one, two, anna = (person.pk for person in meeting.people)
    files = job_of(meeting).payload["files"]
    assert [entry["people"] for entry in files] == [[one, two], [anna]]


def test_tracks_can_be_chosen(bring: Bring) -> None:
    meeting = bring(IMPORTS / "twotracks.mp4", tracks=(2,))
    (track,) = tracks_of(meeting)
    assert (track.participant.name, track.note) == (
        "twotracks",
        "twotracks.mp4 has 2 sound tracks, not taken: 1 not asked for.",
    )


def test_a_track_that_is_not_there_is_told(bring: Bring) -> None:
    job = job_of(bring(IMPORTS / "twotracks.mp4", tracks=(3,)))
    assert job.error == (
        "twotracks.mp4 has 2 sound tracks, and none that was asked for can be read."
    )


def test_a_track_without_a_decoder_is_told(bring: Bring) -> None:
    (track,) = tracks_of(bring(IMPORTS / "apac_first.mp4"))
    assert track.participant.name == "apac_first"
    assert track.note.endswith("not taken: 1 without a decoder.")


def test_sides_and_names_are_told_apart(bring: Bring, tmp_path: Path) -> None:
    first, second = wav(tmp_path / "1.wav"), wav(tmp_path / "2.wav")
    assert people_of(bring((first, "anna.wav"), (second, "anna.wav"))) == [
        "anna",
        "anna (2)",
    ]
    stereo = wav(tmp_path / "call.wav", tone(1), tone(1, 880))
    names = people_of(bring(stereo, split_stereo=True))
    assert names == ["call (left)", "call (right)"]


def test_who_imports_says_who_speaks(bring: Bring, tmp_path: Path) -> None:
    stereo = wav(tmp_path / "call.wav", tone(1), tone(1, 880))
    said = voices([" Ben ", ""], ["them", "us"])
    meeting = bring(stereo, split_stereo=True, voices=said)
    assert [(person.name, person.side) for person in meeting.people] == [
        ("Ben", "them"),
        ("call (right)", "us"),
    ]
    files = (IMPORTS / "anna.ogg", wav(tmp_path / "1.wav"), wav(tmp_path / "2.wav"))
    meeting = bring(*files, voices=voices(["Anna", "Anna"], ["us", "everybody"]))
    assert [(person.name, person.side) for person in meeting.people] == [
        ("Anna", "us"),
        ("Anna (2)", "them"),
        ("2", "them"),
    ]


def test_a_long_name_stays_a_name(bring: Bring, tmp_path: Path) -> None:
    stereo = wav(tmp_path / "1.wav", tone(1), tone(1, 880))
    names = people_of(bring((stereo, "x" * 200 + ".wav"), split_stereo=True))
    assert [name[-7:] for name in names] == [" (left)", "(right)"]
    assert max(map(len, names)) <= 80


def test_a_file_without_any_sound_is_one_silent_person(
    bring: Bring, tmp_path: Path
) -> None:
    meeting = bring(wav(tmp_path / "muted.wav", np.zeros(16_000, "<i2")))
    assert people_of(meeting) == ["muted"]


def test_a_call_was_when_its_file_says(bring: Bring) -> None:
    meeting = bring(IMPORTS / "anna.ogg", IMPORTS / "dated.m4a")
    assert meeting.started_at == datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
    assert meeting.ended_at and timezone.now() - meeting.ended_at < timedelta(minutes=5)


def test_it_says_that_a_file_ended_early(bring: Bring, tmp_path: Path) -> None:
    whole = wav(tmp_path / "a.wav", seconds=10).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (track,) = tracks_of(bring(tmp_path / "cut.wav"))
    assert track.note == "cut.wav ended early; what was readable is kept."


def test_a_job_that_is_interrupted_leaves_no_half_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner: Any = cast.owner.user
    meeting = import_files(owner, [SourceFile(IMPORTS / "anna.ogg", "anna.ogg")])
    job = Job.objects.select_related("meeting").get(meeting=meeting, kind="import")

    def stop(share: float) -> None:
        raise jobs.JobInterrupted

    with pytest.raises(jobs.JobInterrupted):
        convert.convert(job, stop)
    assert left_of(meeting) == ["source-0"]
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.IMPORTING
