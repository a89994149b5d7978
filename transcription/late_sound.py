"""Captions of what was handed in while the call goes on: final lines, at their time.

After the call the second pass hears it with all the rest.
"""

from django.db import IntegrityError

from meetings import jobs, taps
from meetings.events import announce
from meetings.models import Job, Track
from transcription import second_pass
from transcription.live import live_captions, messages
from transcription.models import Utterance
from transcription.speech.engine.scheduler import EngineStopped

REV = 1_000_000  # above all that a live line reaches: who knows the line takes the new


def begin(track_id: int) -> None:
    """Listens to ``taps.handed_in``."""
    track = Track.objects.select_related("participant__meeting").get(pk=track_id)
    if track.participant.meeting.is_live:
        jobs.request("late_sound", track.participant.meeting, track=track.pk)


def run(job: Job, progress: jobs.Progress) -> None:
    """Write the lines of one track; may run again. Raises JobInterrupted, JobWaits."""
    tracks = Track.objects.select_related("participant__meeting")
    track = tracks.filter(pk=job.payload["track"]).first()
    if track is None or not track.participant.meeting.is_live:
        return  # deleted, or the second pass hears it
    try:
        second_pass.hear_again(track, progress, second_pass.live_engine())
    except EngineStopped as stopped:
        raise jobs.JobInterrupted from stopped
    except IntegrityError:
        if Track.objects.filter(pk=track.pk).exists():
            raise
        return  # deleted meanwhile: what was being written is of nobody
    _show(track)
    taps.transcript_changed.publish(job.meeting.pk)


def _show(track: Track) -> None:
    """To who reads along, in this process and in others."""
    person = track.participant
    lines = Utterance.objects.filter(
        participant=person,
        transcript_pass=Utterance.Pass.FINAL,
        start_ms__lt=track.end_ms,
        end_ms__gt=track.offset_ms,
    )
    finals = [messages.of_row(row, REV) for row in lines.select_related("participant")]
    live_captions.current().hubs.add(person.meeting_id, finals)
    announce(person.meeting_id, {"type": "captions", "captions": finals})
