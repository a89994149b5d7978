"""After the call every file on disk becomes a row, whatever the rows know of it."""

import errno
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from meetings import jobs, taps
from meetings.media.egress.manifest import RecordingManifest, repair_all
from meetings.media.events import Segment
from meetings.media.writers import PictureWriter
from meetings.models import Job, Recording, Track
from meetings.models.recording import folder_of
from meetings.recordings import finishing
from tests.cast import Cast
from tests.fakes import vp8_pictures

DEMO = (Path(__file__).parents[3] / "meetings/demo_call/anna.ogg").read_bytes()


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path


def on_disk(cast: Cast, file: str, content: bytes, **facts: object) -> Segment:
    """A file of the guest and its line in the manifest; the rows know nothing."""
    assert cast.guest.seat
    folder = folder_of(cast.meeting)
    (folder / file).write_bytes(content)
    person = str(cast.guest.seat.pk)
    segment = Segment(file, person, "microphone", "audio", "opus", file, 2000)
    segment = replace(segment, **facts)  # type: ignore[arg-type]
    RecordingManifest(folder).append(segment)
    return segment


def repair(cast: Cast) -> Job:
    job = jobs.request("repair", cast.meeting)
    finishing.repair_tracks(job, lambda share: None)
    return job


def test_a_closed_file_without_a_row_is_heard(cast: Cast) -> None:
    on_disk(cast, "whole.ogg", DEMO, state="closed", duration_ms=75_000)
    repair(cast)
    (track,) = finishing.readable_tracks(cast.meeting)
    assert (track.file, track.state, track.offset_ms) == ("whole.ogg", "closed", 2000)
    assert Job.objects.filter(meeting=cast.meeting, kind="compose").exists()
    cast.meeting.refresh_from_db()
    assert cast.meeting.duration_ms >= 77_000


def test_a_torn_file_without_a_row_is_mended(cast: Cast) -> None:
    on_disk(cast, "torn.ogg", DEMO[: len(DEMO) // 2])
    repair(cast)
    (track,) = finishing.readable_tracks(cast.meeting)
    assert track.state == "repaired" and track.duration_ms > 40_000


def film(seconds: int = 4) -> bytes:
    """A WebM file of pictures, as a crash leaves it."""
    with TemporaryDirectory() as folder:
        pictures = vp8_pictures(seconds * 20)
        writer = PictureWriter(Path(folder) / "a.webm", "vp8", pictures[0])
        for n, data in enumerate(pictures):
            writer.write(data, n * 50, n == 0)
        return writer.path.read_bytes()


PICTURES: dict[str, object] = {"source": "screen", "kind": "video", "codec": "vp8"}


def test_pictures_and_what_a_tab_played_are_nobodys_speech(cast: Cast) -> None:
    on_disk(cast, "own.ogg", DEMO, state="closed", duration_ms=75_000)
    on_disk(cast, "tab.ogg", DEMO, state="closed", duration_ms=75_000, source="tab")
    on_disk(cast, "screen.webm", film(), **PICTURES)
    repair(cast)
    sound = [track.file for track in finishing.readable_tracks(cast.meeting)]
    speech = [track.file for track in finishing.speech_tracks(cast.meeting)]
    assert (sound, speech) == (["own.ogg", "tab.ogg"], ["own.ogg"])
    screen = Track.objects.pictures().get()
    assert (screen.source, screen.state) == ("screen", "repaired")
    assert screen.duration_ms > 3_000


def test_what_a_tab_played_is_mixed_beside_the_person(cast: Cast) -> None:
    assert cast.guest.seat
    on_disk(cast, "own.ogg", DEMO, state="closed", duration_ms=75_000)
    on_disk(cast, "tab.ogg", DEMO, state="closed", duration_ms=75_000, source="tab")
    repair(cast)
    finishing.compose(jobs.request("compose", cast.meeting), lambda share: None)
    recording = Recording.objects.get(meeting=cast.meeting)
    person = str(cast.guest.seat.pk)
    assert set(recording.stems) == {person, f"{person}/tab"}


def test_a_full_disk_keeps_pictures_back_and_no_sound(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk(cast, "own.ogg", DEMO[: len(DEMO) // 2])
    on_disk(cast, "screen.webm", film(), **PICTURES)

    def refuse(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PictureWriter, "write", refuse)
    repair(cast)
    assert Track.objects.sound().get().state == "repaired"
    screen = Track.objects.pictures().get()
    assert (screen.state, screen.duration_ms > 3_000) == ("repaired", True)


def test_a_call_that_goes_on_does_not_wait_for_pictures(cast: Cast) -> None:
    on_disk(cast, "own.ogg", DEMO[: len(DEMO) // 2])
    on_disk(cast, "screen.webm", film(), **PICTURES)
    folder = folder_of(cast.meeting)
    assert [one.file for one in repair_all(folder, sound_only=True)] == ["own.ogg"]


def test_a_row_that_never_heard_of_the_end_takes_it_from_the_manifest(
    cast: Cast,
) -> None:
    assert cast.guest.seat
    on_disk(cast, "whole.ogg", DEMO, state="closed", duration_ms=75_000)
    Track.objects.create(participant=cast.guest.seat, file="whole.ogg", offset_ms=2000)
    repair(cast)
    track = Track.objects.get(file="whole.ogg")
    assert (track.state, track.duration_ms) == ("closed", 75_000)


def test_what_a_full_disk_did_not_take_makes_no_row(cast: Cast) -> None:
    segment = on_disk(cast, "none.ogg", b"")
    (folder_of(cast.meeting) / segment.file).unlink()
    repair(cast)
    assert not Track.objects.filter(file="none.ogg").exists()


def test_a_file_of_nobody_holds_up_no_other(cast: Cast) -> None:
    on_disk(cast, "gone.ogg", DEMO, state="closed", participant_id="1000000000")
    on_disk(cast, "whole.ogg", DEMO, state="closed", duration_ms=75_000)
    repair(cast)
    assert Track.objects.get().file == "whole.ogg"


def test_it_is_not_done_while_nobody_could_be_told(cast: Cast) -> None:
    """The job is tried again: else the transcript would never be written."""

    def fail(meeting: int) -> None:
        raise RuntimeError("the request could not be written")

    taps.tracks_ready.attach(fail)
    try:
        with pytest.raises(RuntimeError):
            repair(cast)
    finally:
        taps.tracks_ready.detach(fail)
