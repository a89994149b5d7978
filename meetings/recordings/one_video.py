"""One camera or shared screen as an MP4, made when somebody asks for it."""

import shutil
from pathlib import Path

from meetings import jobs
from meetings.events import announce
from meetings.media.config import MediaConfig
from meetings.media.egress.downloads import to_m4a
from meetings.media.egress.grid import PictureFile
from meetings.media.egress.grid_apart import make_apart
from meetings.media.egress.grid_video import GridOrder
from meetings.media.egress.picture_file import size_of
from meetings.media.errors import MediaError, NoRoom
from meetings.models import Job, Recording, Track
from meetings.recordings import finishing, grid
from meetings.recordings.downloads import m4a_of

KIND = "mp4"
UNREADABLE = "Its pictures cannot be read."


def make(job: Job, progress: jobs.Progress) -> None:
    """The MP4 of the track that was asked for; nothing where it is gone."""
    tracks = {track.pk: track for track in finishing.pictures(job.meeting)}
    track = tracks.get(job.payload["track"])
    recording = Recording.objects.filter(meeting=job.meeting).first()
    if track is None or recording is None or track.has_mp4:
        return
    order = _order(track, recording)
    grid.begin(order)
    try:
        make_apart(
            order, MediaConfig().video_reserve, grid.Manners(job, order, progress)
        )
    except NoRoom as error:
        shutil.rmtree(order.folder, ignore_errors=True)
        raise jobs.JobFailed(finishing.NO_ROOM) from error
    (order.folder / grid.PLAN).unlink()
    announce(job.meeting.pk, {"type": "recording"})


def _order(track: Track, recording: Recording) -> GridOrder:
    """Raises JobFailed for a file that shows nothing."""
    try:
        size = size_of(track.path)
    except MediaError as error:
        raise jobs.JobFailed(UNREADABLE) from error
    person = str(track.participant_id)
    return GridOrder(
        faces=[],
        pictures=[PictureFile(person, True, track.path, 0, track.duration_ms)],
        duration_ms=track.duration_ms,
        sound=_sound(track, recording),
        folder=track.mp4.parent,
        sound_from_ms=track.offset_ms,
        alone=size,
    )


def _sound(track: Track, recording: Recording) -> Path:
    """What the person says; with a screen, what everybody does."""
    stem = recording.stems.get(str(track.participant_id))
    if track.source == Track.Source.SCREEN or stem is None:
        return recording.download
    path = recording.path(stem)
    if not m4a_of(path).exists():
        to_m4a(path, m4a_of(path), lambda ms: None)
    return m4a_of(path)
