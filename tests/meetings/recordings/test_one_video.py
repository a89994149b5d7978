"""A camera or a shared screen as an MP4, for who asks for it."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings import jobs
from meetings.media.egress.picture_file import size_of
from meetings.media.errors import NotMedia
from meetings.models import Job, Meeting, Track
from meetings.models.recording import folder_of
from meetings.recordings import erasure, one_video, retention
from tests.cast import Cast
from tests.dashboard.calls import end
from tests.fakes import opus_tone
from tests.meetings.media.test_grid_video import BLACK, WHITE, camera
from tests.meetings.recordings.test_film import file_of, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path / "recordings"


@pytest.fixture
def track(cast: Cast, tmp_path: Path) -> Track:
    """A camera from 2 s on, white after one second; its person sounds from 3 s on."""
    from meetings.media.writers import OggOpusWriter

    assert cast.guest.seat
    writer = OggOpusWriter(tmp_path / "voice.ogg")
    for packet in opus_tone(440, 1.0):
        writer.write(packet)
    writer.close()
    voice = file_of(cast.guest.seat, "microphone", "ogg", writer.path.read_bytes())
    Track.objects.filter(pk=voice.pk).update(offset_ms=3_000, duration_ms=1_000)
    film = camera(tmp_path / "a.webm", [BLACK] * 20 + [WHITE] * 20).read_bytes()
    shown = file_of(cast.guest.seat, "camera", "webm", film)
    Track.objects.filter(pk=shown.pk).update(offset_ms=2_000, duration_ms=2_000)
    end(cast.meeting, 5_000)
    run(jobs.request("compose", cast.meeting))
    shown.refresh_from_db()
    return shown


def path(cast: Cast, track: Track) -> str:
    return f"/calls/{cast.code}/video/{track.pk}"


def made(cast: Cast, track: Track) -> Job:
    assert cast.owner.client.post(path(cast, track)).status_code == 204
    return run(Job.objects.get(kind="mp4"))


def test_it_is_made_for_who_may_see_the_call(cast: Cast, track: Track) -> None:
    wanted = path(cast, track)
    assert cast.let_in(f"{wanted}?mp4") == set()
    assert cast.let_in(wanted, "post") == {"owner", "teammate"}
    run(Job.objects.get(kind="mp4"))  # one, whoever asks
    assert cast.let_in(f"{wanted}?mp4&download=1") == {"owner", "teammate"}
    headers = cast.owner.client.get(f"{wanted}?mp4&download=1").headers
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Disposition"].endswith('camera.mp4"')
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    assert "The same as MP4" in page and "Make an MP4" not in page


def test_it_has_the_size_of_the_picture_and_the_sound_of_its_time(
    cast: Cast, track: Track
) -> None:
    made(cast, track)
    with av.open(str(track.mp4)) as film:
        video = film.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 64, 48)
        greys = [
            (float(f.time or 0), f.to_ndarray()[24, 32]) for f in film.decode(video=0)
        ]
    with av.open(str(track.mp4)) as film:
        began = next(
            float(f.time or 0)
            for f in film.decode(audio=0)
            if np.abs(f.to_ndarray()).max() > 0.05
        )
    white = next(at for at, grey in greys if grey > 200)
    assert abs(white - 1.0) < 0.1 and abs(began - 1.0) < 0.1
    assert greys[-1][0] < 2.1
    assert [file.name for file in track.mp4.parent.iterdir()] == ["film.mp4"]


def test_what_cannot_be_read_is_told(cast: Cast, track: Track) -> None:
    track.path.write_bytes(b"garbage" * 100)
    cast.owner.client.post(path(cast, track))
    job = run(Job.objects.get(kind="mp4"), "failed")
    assert job.error == one_video.UNREADABLE


def test_what_is_gone_is_not_made(cast: Cast, track: Track) -> None:
    cast.owner.client.post(path(cast, track))
    track.delete()
    run(Job.objects.get(kind="mp4"))


def test_it_goes_with_a_deleted_person_and_a_deleted_call(
    cast: Cast, track: Track
) -> None:
    assert cast.guest.seat and cast.owner.user
    made(cast, track)
    kept = track.mp4
    Job.objects.filter(kind__in=("film", "downloads")).delete()
    erasure.erase(cast.guest.seat, cast.owner.user)
    run(Job.objects.get(kind="erase"))
    assert not kept.parent.exists()
    meeting = Meeting.objects.get(pk=cast.meeting.pk)
    folder = folder_of(meeting)
    retention.delete(meeting)
    assert not folder.exists()


@pytest.mark.parametrize("content", [b"", b"x" * 500])
def test_a_file_without_pictures_has_no_size(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.webm"
    file.write_bytes(content)
    with pytest.raises(NotMedia):
        size_of(file)
