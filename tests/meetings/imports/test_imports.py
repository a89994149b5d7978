import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from meetings import jobs
from meetings.media.pcm import load_pcm16k
from meetings.models import ConsentChoice, Job, Meeting, Track
from meetings.models.recording import folder_of
from tests.cast import Cast
from tests.imported_files import IMPORTS
from tests.uploading import sent

DEMO = django_settings.BASE_DIR / "meetings" / "demo_call"
RATE = 16_000

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("uploads_dir"),
]
Post = Callable[..., Any]


def tone(path: Path, seconds: float = 1.0, *hertz: float) -> Path:
    """A WAV file with one tone per channel."""
    at = np.arange(int(seconds * RATE)) / RATE
    sides = [0.5 * np.sin(2 * np.pi * pitch * at) for pitch in hertz or (440.0,)]
    samples = (np.stack(sides, axis=1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sides))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture
def post(cast: Cast) -> Post:
    def send(*files: Path, **fields: str) -> Any:
        client = cast.owner.client
        uploads = [sent(client, file.name, file.read_bytes()) for file in files]
        return client.post("/import/", {"uploads": uploads, **fields})

    return send


def run_jobs(meeting: Meeting, *kinds: str) -> None:
    for job in meeting.jobs.filter(kind__in=kinds):
        jobs.run(job.pk)


def imported(answer: Any) -> Meeting:
    assert answer.status_code == 201, answer.content
    meeting = Meeting.objects.get(code=answer.json()["code"])
    run_jobs(meeting, "import")
    meeting.refresh_from_db()
    return meeting


def refusal(answer: Any) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error["code"]


def test_it_requires_an_account(cast: Cast) -> None:
    for visitor in (cast.guest, cast.other_guest, cast.nobody):
        assert not visitor.gets_in("/import/", "post")
    for visitor in (cast.owner, cast.teammate, cast.stranger):
        assert refusal(visitor.client.post("/import/")) == (400, "no_file")


def test_a_file_gives_a_name_on_one_line(post: Post, tmp_path: Path) -> None:
    meeting = imported(post(tone(tmp_path / "ann\u202efdp.wav"), title="A\x00\u2066B"))
    assert (meeting.title, meeting.people[0].name) == ("A B", "annfdp")


TOLD = b"WEBVTT\n\n00:00:00.100 --> 00:00:00.900\nAnna: hello\n"


def test_a_transcript_beside_the_recording_is_no_recording(
    post: Post, tmp_path: Path
) -> None:
    told = tmp_path / "call.VTT"
    told.write_bytes(TOLD)
    meeting = imported(post(told, tone(tmp_path / "call.wav")))
    assert (meeting.title, [p.name for p in meeting.people]) == ("call", ["call"])
    assert meeting.jobs.get(kind="import").state == Job.State.DONE
    assert meeting.jobs.filter(kind="speakers").exists()
    assert not (folder_of(meeting) / "source-1").exists()


def test_a_transcript_that_cannot_be_read_takes_no_recording_with_it(
    post: Post, tmp_path: Path, cast: Cast
) -> None:
    told = tmp_path / "call.docx"
    told.write_bytes(b"PK\x03\x04 and nothing")
    meeting = imported(post(tone(tmp_path / "call.wav"), told))
    assert meeting.jobs.get(kind="import").state == Job.State.DONE
    page = cast.owner.client.get(f"/calls/{meeting.code}/").content.decode()
    assert "call.docx is no document that can be read." in page


def test_a_transcript_goes_with_one_recording(post: Post, tmp_path: Path) -> None:
    told = tmp_path / "call.vtt"
    told.write_bytes(TOLD)
    assert refusal(post(told)) == (400, "no_file")
    two = [tone(tmp_path / "ann.wav"), tone(tmp_path / "bob.wav")]
    assert refusal(post(told, *two)) == (400, "many_told")


def test_several_files_are_one_person_each(post: Post, tmp_path: Path) -> None:
    files = [tone(tmp_path / "ann.wav", 1), tone(tmp_path / "bob.wav", 2)]
    meeting = imported(post(*files, title="Renewal"))
    assert (meeting.title, meeting.state) == ("Renewal", Meeting.State.ENDED)
    assert [p.name for p in meeting.people] == ["ann", "bob"]
    assert [p.side for p in meeting.people] == ["us", "them"]
    assert meeting.duration_ms == pytest.approx(2000, abs=60)
    assert ConsentChoice.objects.filter(way="imported").count() == 2
    assert {j.kind for j in meeting.jobs.all()} >= {"import", "compose", "second_pass"}


def test_a_stereo_file_can_be_two_sides(post: Post, tmp_path: Path) -> None:
    meeting = imported(post(tone(tmp_path / "call.wav", 1, 300, 900), stereo="split"))
    assert [p.name for p in meeting.people] == ["call (left)", "call (right)"]
    peaks = []
    for track in Track.objects.filter(participant__meeting=meeting).order_by("pk"):
        spectrum = np.abs(np.fft.rfft(load_pcm16k(track.path)[:RATE]))
        peaks.append(np.argmax(spectrum) * RATE / RATE)
    assert peaks == pytest.approx([300, 900], abs=5)


def test_the_source_is_not_kept(post: Post, tmp_path: Path) -> None:
    meeting = imported(post(tone(tmp_path / "ann.wav")))
    folder = django_settings.RECORDINGS_DIR / str(meeting.pk)
    assert not [p for p in folder.glob("source-*") if p.suffix != ".ogg"]


def test_running_the_import_twice_gives_the_same_tracks(
    post: Post, tmp_path: Path
) -> None:
    meeting = imported(post(tone(tmp_path / "ann.wav")))
    Job.objects.filter(kind="import").update(state=Job.State.QUEUED)
    run_jobs(meeting, "import")
    assert Track.objects.filter(participant__meeting=meeting).count() == 1
    assert meeting.jobs.get(kind="import").state == Job.State.DONE


def test_what_is_no_media_is_told_in_a_sentence(post: Post, tmp_path: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("these are notes, not sound\n" * 100)
    meeting = imported(post(text))
    job = meeting.jobs.get(kind="import")
    assert job.state == Job.State.FAILED
    assert job.error == "notes.wav is not a sound or video file that can be read."


def test_sound_tracks_are_chosen_by_their_numbers(post: Post) -> None:
    meeting = imported(post(IMPORTS / "twotracks.mp4", tracks="2, "))
    assert [person.name for person in meeting.people] == ["twotracks"]


@pytest.mark.parametrize("tracks", ["first", "-1", "1;2", "1000"])
def test_it_refuses_what_is_no_number_of_a_track(post: Post, tracks: str) -> None:
    answer = post(IMPORTS / "anna.ogg", tracks=tracks)
    assert refusal(answer) == (400, "bad_tracks")


def test_it_refuses_an_empty_file(post: Post, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    assert refusal(post(empty)) == (400, "empty")


def test_nothing_is_left_of_an_upload(
    post: Post, tmp_path: Path, uploads_dir: Path
) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("these are notes, not sound\n" * 100)
    post(text)
    imported(post(tone(tmp_path / "ann.wav")))
    assert not list(uploads_dir.iterdir())


def test_an_upload_becomes_one_call_however_often_it_is_asked(
    cast: Cast, tmp_path: Path
) -> None:
    client = cast.owner.client
    upload = sent(client, "ann.wav", tone(tmp_path / "ann.wav").read_bytes())
    assert client.post("/import/", {"uploads": [upload]}).status_code == 201
    assert refusal(client.post("/import/", {"uploads": [upload]})) == (404, "no_upload")


def test_nobody_imports_what_another_one_sent(cast: Cast, tmp_path: Path) -> None:
    upload = sent(cast.owner.client, "a.wav", tone(tmp_path / "a.wav").read_bytes())
    answer = cast.teammate.client.post("/import/", {"uploads": [upload]})
    assert refusal(answer) == (404, "no_upload")
    assert cast.owner.client.post("/import/", {"uploads": [upload]}).status_code == 201


def test_what_is_readable_of_a_truncated_file_is_kept(
    post: Post, tmp_path: Path
) -> None:
    whole = (DEMO / "anna.ogg").read_bytes()
    cut = tmp_path / "anna.ogg"
    cut.write_bytes(whole[: len(whole) // 2])
    meeting = imported(post(cut))
    track = Track.objects.get(participant__meeting=meeting)
    assert 30_000 < track.duration_ms < 90_000


def test_hostile_names_stay_text(post: Post, tmp_path: Path) -> None:
    name = "\u202egpj.<b>evil.wav"
    meeting = imported(post(tone(tmp_path / name)))
    assert meeting.people[0].name == "gpj.<b>evil"  # the direction mark is dropped


def test_the_command_says_what_is_missing(cast: Cast) -> None:
    with pytest.raises(CommandError, match="No such file: nowhere.ogg"):
        call_command("import_call", "nowhere.ogg", owner=cast.owner.user.email)  # type: ignore[union-attr]


def test_the_command_names_the_reason_of_a_refusal(cast: Cast, tmp_path: Path) -> None:
    text = tmp_path / "notes.pdf"
    text.write_text("hello")
    with pytest.raises(CommandError, match="notes.pdf is not a sound"):
        call_command(
            "import_call",
            str(text),
            owner=cast.owner.user.email,  # type: ignore[union-attr]
            wait=True,
        )
