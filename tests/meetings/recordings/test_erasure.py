"""One person's data is deleted, and a word of theirs is found nowhere afterwards."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django_rq import get_connection

from dashboard.search import Asker, find
from dashboard.search.index import rebuild
from meetings import jobs
from meetings.media.egress import composite
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.events import Segment
from meetings.media.pcm import load_pcm16k
from meetings.models import (
    Account,
    ChatMessage,
    ConsentChoice,
    Erasure,
    Job,
    Meeting,
    Participant,
    Recording,
    Track,
)
from meetings.models.recording import folder_of
from meetings.recordings import erasure, finishing
from tests.cast import Cast
from tests.dashboard.calls import end, say
from tests.meetings.imports.test_imports import tone
from tests.meetings.recordings.test_repair import film
from transcription.models import Removal, Utterance

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "Quetzalcoatlus"
LOW, HIGH = 440.0, 3000.0  # Hz: how the owner and the guest sound


@pytest.fixture
def meeting(cast: Cast, tmp_path: Path) -> Meeting:
    """An ended call that is full of its guest, mixed and indexed."""
    assert cast.owner.seat and cast.guest.seat
    meeting = end(cast.meeting, 2000)
    guest, owner = cast.guest.seat, cast.owner.seat
    guest.name = f"{CANARY} Miller"
    guest.save()
    Meeting.objects.filter(pk=meeting.pk).update(
        title=f"Renewal with {guest.name}",
        account=Account.objects.called(guest.name),
    )
    for person, hertz in ((owner, LOW), (guest, HIGH)):
        sound(person, tmp_path, hertz)
    say(owner, 0, "What does it cost")
    line = say(guest, 100, f"{CANARY} is cheap", raw=f"{CANARY} is cheap you know")
    Removal.objects.create(
        meeting=meeting,
        participant=guest,
        utterance=line,
        raw=f"Thanks {CANARY}",
        reason="loop",
        start_ms=1500,
        end_ms=1600,
        evidence={"phrase": CANARY},
    )
    ConsentChoice.objects.create(
        participant=guest, choice="recorded", text_version="1", way="page"
    )
    ChatMessage.objects.create(
        participant=guest, at_ms=9, text=f"I am {CANARY}", key="a"
    )
    rebuild(meeting)
    run(jobs.request("compose", meeting))
    meeting.refresh_from_db()
    return meeting


def sound(person: Participant, folder: Path, hertz: float) -> Track:
    """Two seconds of a tone as a track of this person, with a line in the manifest."""
    from meetings.media.ingress.files import decode_to_tracks

    target = folder_of(person.meeting) / f"{person.pk}.ogg"
    decode_to_tracks(tone(folder / "tone.wav", 2.0, hertz), [target], False)
    segment = Segment(
        target.stem, str(person.pk), "microphone", "audio", "opus", target.name, 0
    )
    RecordingManifest(target.parent).append(segment)
    track: Track = Track.objects.create(
        participant=person, file=target.name, state="closed", duration_ms=2000
    )
    return track


def run(job: Job) -> None:
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, (job.kind, job.error)


def erase(cast: Cast) -> Erasure:
    """As the owner asks for it, with all work that follows."""
    assert cast.guest.seat and cast.owner.user
    record = erasure.erase(cast.guest.seat, cast.owner.user)
    for kind in ("erase", "compose", "index"):
        run(Job.objects.filter(meeting=cast.meeting, kind=kind).latest("pk"))
    record.refresh_from_db()
    return record


def places(word: str) -> list[str]:
    """Where a word stands: in rows, in files, in Valkey; any case, any spelling."""
    return [*_rows(word), *_files(word), *_keys(word)]


def _rows(word: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                if word.lower() in str(row).lower():
                    yield f"{table}: {row}"


def _files(word: str) -> Iterator[str]:
    for path in Path(django_settings.DATA_DIR).rglob("*"):
        if path.is_file() and word.lower().encode() in path.read_bytes().lower():
            yield str(path)


def _keys(word: str) -> Iterator[str]:
    valkey = get_connection("default")
    for key in valkey.scan_iter():
        if word.lower().encode() in (key + (valkey.dump(key) or b"")).lower():
            yield f"valkey: {key!r}"


def heard(path: Path) -> set[float]:
    """Which of the two tones are in a file."""
    samples = load_pcm16k(path)
    spectrum = np.abs(np.fft.rfft(samples))
    at = np.fft.rfftfreq(len(samples), 1 / 16_000)
    return {
        hertz
        for hertz in (LOW, HIGH)
        if spectrum[np.abs(at - hertz) < 20].max() > spectrum.max() / 20
    }


def mix(meeting: Meeting) -> Path:
    recording = Recording.objects.get(meeting=meeting)
    return recording.path(recording.mix)


def test_a_word_of_a_deleted_person_is_found_nowhere(
    meeting: Meeting, cast: Cast
) -> None:
    assert cast.owner.user
    found = places(CANARY)
    assert any("utterance" in place for place in found)
    assert any("django_admin_log" not in place for place in found)
    erase(cast)
    assert places(CANARY) == []
    assert not find(Asker(cast.owner.user), CANARY).count


def test_it_is_not_heard_any_more(meeting: Meeting, cast: Cast) -> None:
    assert heard(mix(meeting)) == {LOW, HIGH}
    erase(cast)
    assert heard(mix(meeting)) == {LOW}
    files = [
        p for p in folder_of(meeting).rglob("*.*") if p.suffix in (".ogg", ".webm")
    ]
    assert len(files) == 3  # the owner's track and stem, and the mix
    assert all(heard(path) == {LOW} for path in files)
    peaks = Recording.objects.get(meeting=meeting)
    assert list(json.loads(peaks.path(peaks.peaks).read_text())["stems"]) == [
        str(cast.owner.seat.pk)  # type: ignore[union-attr]
    ]


def test_lines_of_others_stay(meeting: Meeting, cast: Cast) -> None:
    assert cast.owner.user
    erase(cast)
    assert [line.text for line in Utterance.objects.all()] == ["What does it cost"]
    assert find(Asker(cast.owner.user), "cost").count == 1


def test_it_says_that_somebody_was_here_and_not_who(
    meeting: Meeting, cast: Cast
) -> None:
    record = erase(cast)
    stranger = meeting.participants.get(erased_at__isnull=False)
    assert (stranger.name, stranger.side) == ("Deleted person", "them")
    assert not stranger.consent_log.exists() and not stranger.tracks.exists()
    meeting.refresh_from_db()
    assert meeting.title == "Renewal with deleted person" and meeting.account is None
    assert (record.code, record.by_name) == (meeting.code, "owner@example.com")
    assert record.done_at and record.files >= 4 and record.rows >= 5


def test_the_log_outlives_the_call(meeting: Meeting, cast: Cast) -> None:
    erase(cast)
    meeting.delete()
    assert Erasure.objects.get().code == cast.code


def test_it_leaves_nobody_alone_with_silence(meeting: Meeting, cast: Cast) -> None:
    """Who spoke alone leaves no mix behind."""
    assert cast.owner.user
    erase(cast)
    alone = meeting.participants.get(user=cast.owner.user)
    erasure.erase(alone, cast.owner.user)
    run(Job.objects.filter(kind="erase").latest("pk"))
    assert not Recording.objects.exists()
    assert [p.name for p in folder_of(meeting).iterdir()] == ["manifest.jsonl"]


def test_the_job_may_run_twice(meeting: Meeting, cast: Cast) -> None:
    erase(cast)
    job = Job.objects.filter(kind="erase").get()
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    run(job)
    assert heard(mix(meeting)) == {LOW}
    assert places(CANARY) == []


@pytest.mark.parametrize(
    ("state", "word"), [("live", "End it first"), ("open", "End it first")]
)
def test_it_refuses_while_the_call_is_live(
    meeting: Meeting, cast: Cast, state: str, word: str
) -> None:
    assert cast.guest.seat and cast.owner.user
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    with pytest.raises(erasure.NotNow, match=word):
        erasure.erase(cast.guest.seat, cast.owner.user)
    assert Utterance.objects.filter(participant=cast.guest.seat).exists()


def test_it_refuses_while_files_are_being_read(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.user
    jobs.request("repair", meeting)
    with pytest.raises(erasure.NotNow, match="still being read"):
        erasure.erase(cast.guest.seat, cast.owner.user)


def test_it_deletes_nobody_twice(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.user
    person = Participant.objects.get(pk=cast.guest.seat.pk)
    erase(cast)
    for gone in (person, meeting.participants.get(erased_at__isnull=False)):
        with pytest.raises(erasure.NotNow, match="Nothing is kept"):
            erasure.erase(gone, cast.owner.user)


def test_a_mix_that_is_being_made_is_thrown_away(
    meeting: Meeting, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is deleted after the mixing began, and before it ended."""
    assert cast.guest.seat and cast.owner.user

    def slow(*args: Any) -> Any:
        made = composite.build(*args)
        erasure.erase(cast.guest.seat, cast.owner.user)  # type: ignore[arg-type]
        return made

    monkeypatch.setattr(finishing, "build", slow)
    job = jobs.request("compose", meeting)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert not Recording.objects.exists()
    assert not (folder_of(meeting) / finishing.folder_name(job)).exists()


def test_it_waits_for_work_that_began_before(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.user
    other = Job.objects.create(meeting=meeting, kind="second_pass", state="running")
    erasure.erase(cast.guest.seat, cast.owner.user)
    job = Job.objects.get(kind="erase")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", erasure.OTHERS_WORK)
    Job.objects.filter(pk=other.pk).update(state=Job.State.DONE)
    run(job)
    assert not (folder_of(meeting) / f"{cast.guest.seat.pk}.ogg").exists()


def test_what_an_import_called_them_goes_too(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.seat
    (folder_of(meeting) / "source-1").write_bytes(CANARY.encode())
    (folder_of(meeting) / "source-2").write_bytes(b"of the owner")
    files = [
        {"file": f"source-{n}", "name": name, "people": [person]}
        for n, name, person in (
            (1, f"{CANARY} 2.ogg", cast.guest.seat.pk),
            (2, "owner.ogg", cast.owner.seat.pk),
        )
    ]
    Job.objects.create(
        meeting=meeting,
        kind="import",
        state="failed",
        error=f"{CANARY} 2.ogg cannot be read",
        payload={"files": files},
    )
    Meeting.objects.filter(pk=meeting.pk).update(title=f"{CANARY} 2")
    note = f"{CANARY} 2.ogg has 2 sound tracks, one person each."
    Track.objects.filter(participant=cast.owner.seat).update(note=note)
    erase(cast)
    assert places(CANARY) == []
    assert (folder_of(meeting) / "source-2").exists()


def test_it_leaves_the_admins_log_without_the_name(
    meeting: Meeting, cast: Cast
) -> None:
    assert cast.guest.seat and cast.owner.user
    person = cast.guest.seat
    about = {"name": "participant", "object": person.name, "fields": ["Side"]}
    message = [{"changed": about}]
    changed = LogEntry.objects.log_actions
    changed(cast.owner.user.pk, Participant.objects.filter(pk=person.pk), 2, "Renamed")
    changed(cast.owner.user.pk, Meeting.objects.filter(pk=meeting.pk), 2, message)
    assert any("django_admin_log" in place for place in places(CANARY))
    erase(cast)
    assert places(CANARY) == []
    assert LogEntry.objects.count() == 2


def test_it_waits_until_nobody_reads_the_old_pages(
    meeting: Meeting, cast: Cast
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone keeps the old pages in a file of its own")
    assert cast.guest.seat and cast.owner.user
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            cursor.execute("SELECT count(*) FROM meetings_meeting")
            cursor.fetchall()
            reading.set()
            done.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(20)
    erasure.erase(cast.guest.seat, cast.owner.user)
    job = Job.objects.get(kind="erase")
    jobs.run(job.pk)
    done.set()
    reader.join(20)
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", erasure.BUSY)
    run(job)
    assert places(CANARY) == []


def test_the_owner_alone_deletes_a_person_by_its_address(
    meeting: Meeting, cast: Cast
) -> None:
    assert cast.guest.seat
    for visitor in (v for v in cast.everybody if v.name != "owner"):
        path = f"/calls/{cast.code}/people/{cast.guest.seat.pk}/delete/"
        assert not visitor.gets_in(path, "post"), visitor.name
    assert Participant.objects.filter(pk=cast.guest.seat.pk).exists()
    answer = cast.owner.client.post(path, follow=True)
    assert "is deleted" in answer.content.decode()
    assert answer.redirect_chain == [(f"/calls/{cast.code}/", 302)]
    assert not Participant.objects.filter(pk=cast.guest.seat.pk).exists()
    assert cast.owner.client.post(path).status_code == 404
    assert cast.owner.client.get(path).status_code == 405


def test_the_owner_is_told_why_not_now(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat
    Meeting.objects.filter(pk=meeting.pk).update(state="live")
    path = f"/calls/{cast.code}/people/{cast.guest.seat.pk}/delete/"
    answer = cast.owner.client.post(path, follow=True)
    assert "End it first" in answer.content.decode()


def test_the_admin_asks_before_it_deletes(meeting: Meeting, cast: Cast) -> None:
    assert cast.guest.seat
    boss = cast.nobody.client
    boss.force_login(User.objects.create_superuser("boss"), BACKEND)
    path, pk = "/admin/meetings/participant/", cast.guest.seat.pk
    chosen = {"action": "erase", "_selected_action": [str(pk)]}
    assert "Delete what is kept" in boss.get(f"{path}{pk}/change/").content.decode()
    asked = boss.post(path, chosen)
    assert f"{CANARY} Miller" in asked.content.decode()
    assert Participant.objects.filter(pk=pk).exists()
    answer = boss.post(path, {**chosen, "sure": "yes"}, follow=True)
    assert "is deleted" in answer.content.decode()
    assert not Participant.objects.filter(pk=pk).exists()
    assert Erasure.objects.get().by_name == "boss"
    for page in ("/admin/meetings/erasure/", path):
        assert boss.get(page).status_code == 200


def test_staff_without_the_right_deletes_nobody(meeting: Meeting, cast: Cast) -> None:
    from django.contrib.auth.models import Permission

    assert cast.guest.seat
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(
        Permission.objects.filter(codename__in=["view_participant"])
    )
    client = cast.nobody.client
    client.force_login(staff, BACKEND)
    pk = str(cast.guest.seat.pk)
    form = {"action": "erase", "_selected_action": [pk], "sure": "yes"}
    client.post("/admin/meetings/participant/", form)
    assert Participant.objects.filter(pk=pk).exists()


BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_no_picture_of_a_deleted_person_is_left(meeting: Meeting, cast: Cast) -> None:
    """Camera, its MP4, and the film of all."""
    assert cast.guest.seat
    name = f"{cast.guest.seat.pk}-camera.webm"
    (folder_of(meeting) / name).write_bytes(film() + CANARY.encode())
    camera = Track.objects.create(
        participant=cast.guest.seat,
        source=Track.Source.CAMERA,
        state="closed",
        file=name,
        duration_ms=2000,
    )
    for job in (
        jobs.request("compose", meeting),
        jobs.request("mp4", meeting, track=camera.pk),
        jobs.request("film", meeting),
    ):
        run(job)
    pictures = {".webm", ".mp4"}
    before = {path for path in files_of(meeting) if path.suffix in pictures}
    assert len(before) >= 3  # the mix is a WebM as well
    erase(cast)
    assert places(CANARY) == []
    assert not Track.objects.pictures().exists()
    assert not Recording.objects.get(meeting=meeting).video
    left = [path for path in files_of(meeting) if path.suffix in pictures]
    assert all(has_no_picture(path) for path in left)


def files_of(meeting: Meeting) -> list[Path]:
    return [path for path in folder_of(meeting).rglob("*") if path.is_file()]


def has_no_picture(path: Path) -> bool:
    with av.open(str(path)) as container:
        return not container.streams.video
