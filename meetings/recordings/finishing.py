"""After the call: files are repaired, mixed into what players play, and announced."""

import errno
import shutil
from functools import partial
from pathlib import Path

from django.db import transaction

from meetings import jobs, taps
from meetings.events import announce
from meetings.media.egress.composite import Composite, TrackFile, build
from meetings.media.egress.manifest import repair
from meetings.media.errors import MediaError
from meetings.models import Job, Meeting, Recording, Track
from meetings.models.lifecycle import move
from meetings.models.recording import folder_of
from meetings.rooms import track_rows

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_ROOM = "The server's disk is full. Make room, then try again."


def begin(meeting_id: int) -> None:
    """What follows the end of a meeting; listens to ``taps.meeting_ends``."""
    jobs.request("repair", Meeting.objects.get(pk=meeting_id))


def repair_tracks(job: Job, progress: jobs.Progress) -> None:
    """Give every file its row, closed; then the tracks are ready for everybody."""
    track_rows.adopt(job.meeting)
    left = Track.objects.filter(
        participant__meeting=job.meeting, state=Track.State.OPEN
    ).select_related("participant__meeting")
    for track in left:
        _repair(track)
    finish(job.meeting)


def _repair(track: Track) -> None:
    try:
        duration = repair(track.path)
    except (MediaError, FileNotFoundError) as error:
        move(track, Track.State.LOST, note=str(error)[:200])
    except OSError as error:  # a full disk keeps pictures back, and no sound
        if track.source not in Track.PICTURES:
            raise
        move(track, Track.State.LOST, note=str(error)[:200])
    else:
        move(track, Track.State.REPAIRED, duration_ms=duration)


def finish(meeting: Meeting) -> None:
    """The meeting's tracks lie readable on disk: mix them, and tell the listeners."""
    ends = [track.end_ms for track in readable_tracks(meeting)]
    Meeting.objects.filter(pk=meeting.pk).update(
        duration_ms=max([meeting.duration_ms, *ends])
    )
    meeting.refresh_from_db()
    with transaction.atomic():
        jobs.request("compose", meeting)
        taps.tracks_ready.publish(meeting.pk)
    announce(meeting.pk, {"type": "meeting"})


def readable_tracks(meeting: Meeting) -> list[Track]:
    """Tracks with sound, by their place on the clock; unrecorded people have none."""
    rows = Track.objects.filter(participant__meeting=meeting).readable().sound()
    return list(rows.select_related("participant__meeting"))


def speech_tracks(meeting: Meeting) -> list[Track]:
    """Those of them in which people speak."""
    return [track for track in readable_tracks(meeting) if track.is_speech]


def pictures(meeting: Meeting) -> list[Track]:
    """What was seen and can be played, by its place on the clock."""
    rows = Track.objects.filter(participant__meeting=meeting).readable().pictures()
    return list(rows.filter(duration_ms__gt=0).select_related("participant__meeting"))


def compose(job: Job, progress: jobs.Progress) -> None:
    """Make the mix, one stem per person and the peaks; the old ones serve meanwhile."""
    meeting = job.meeting
    readable = readable_tracks(meeting)
    if not readable:
        return
    folder = folder_name(job)
    out = folder_of(meeting) / folder
    out.mkdir(exist_ok=True)
    tracks = [file_of(track) for track in readable]
    try:
        made = build(tracks, out, meeting.duration_ms, progress)
    except BaseException as error:
        shutil.rmtree(out, ignore_errors=True)
        if getattr(error, "errno", None) in FULL:
            raise jobs.JobFailed(NO_ROOM) from error
        raise
    if not _replace(meeting, folder, made):
        _discard(out)
        raise jobs.JobInterrupted  # somebody in it was deleted meanwhile: begin anew
    jobs.request("downloads", meeting)
    if pictures(meeting):
        jobs.request("film", meeting)
    announce(meeting.pk, {"type": "recording"})


def file_of(track: Track) -> TrackFile:
    """A track as the media library takes it."""
    return TrackFile(_stem(track), track.path, track.offset_ms, track.handed_in)


def _stem(track: Track) -> str:
    """Whose sound it is; what a tab played is not the person's, though it is theirs."""
    tab = track.source == Track.Source.TAB
    return f"{track.participant_id}/tab" if tab else str(track.participant_id)


def folder_name(job: Job) -> str:
    """A folder per run: players keep reading the old files until the row says
    otherwise."""
    return f"play-{job.pk}-{job.attempt}"


@transaction.atomic
def _replace(meeting: Meeting, folder: str, made: Composite) -> bool:
    """Let players have what was made; false when somebody in it has been deleted."""
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    people = {key.partition("/")[0] for key in made.stems}
    if meeting.participants.filter(pk__in=people).count() < len(people):
        return False
    old = Recording.objects.filter(meeting=meeting).first()
    Recording.objects.update_or_create(
        meeting=meeting,
        defaults={
            "mix": f"{folder}/{made.mix.name}",
            "stems": {key: f"{folder}/{p.name}" for key, p in made.stems.items()},
            "peaks": f"{folder}/{made.peaks.name}",
            "duration_ms": made.duration_ms,
        },
    )
    if old and Path(old.mix).parent.name != folder:
        transaction.on_commit(
            partial(_discard, folder_of(meeting) / Path(old.mix).parent)
        )
    return True


def _discard(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink(missing_ok=True)  # a player that still reads keeps its open file
    folder.rmdir()
