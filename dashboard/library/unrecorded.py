"""Calls of which there is no sound, and why: by what was written down of them."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, TextChoices
from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard.queries import newest
from meetings.models import Job, Meeting, Participant, Track
from meetings.recordings.finishing import NO_ROOM
from transcription.models import Utterance

DAYS = 90  # that the page looks back
MOST = 200  # calls that it tells of, the newest
FILES = ("import", "repair", "compose")  # kinds of jobs that sound waits for
FULL = re.compile(r"\[Errno (28|122)\]")  # what a track's note says of a full disk


class Why(TextChoices):
    NOBODY_AGREED = "nobody_agreed", "Nobody agreed to be recorded"
    WITHDRAWN = "withdrawn", "Who had agreed took it back"
    NO_SOUND = "no_sound", "No sound arrived"
    NOBODY_CAME = "nobody_came", "Nobody came"
    IMPORT_FAILED = "import_failed", "The import failed"
    FULL_DISK = "full_disk", "The server's disk was full"
    BROKEN = "broken", "The recorded files cannot be read"
    DELETED = "deleted", "Deleted, because somebody in it asked"


@dataclass(frozen=True)
class Unrecorded:
    """``more``: what the job said, in its own words; empty where there is no more."""

    meeting: Meeting
    why: Why
    more: str = ""


def unrecorded(user: AbstractBaseUser | AnonymousUser) -> list[Unrecorded]:
    """The newest first; five queries."""
    return [_told(meeting) for meeting in _without_sound(user)[:MOST]]


def counted(calls: list[Unrecorded]) -> list[tuple[Why, int]]:
    """How often each reason is given, the commonest first."""
    return Counter(call.why for call in calls).most_common()


def _without_sound(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    sound = Track.objects.readable().sound().filter(duration_ms__gt=0)
    # Words without so much as a file that got lost: made up, nobody was to be heard.
    filed = Track.objects.filter(participant__meeting=OuterRef("pk"))
    worded = Utterance.objects.filter(meeting=OuterRef("pk"))
    lost = Prefetch(
        "participants__tracks", Track.objects.filter(state=Track.State.LOST)
    )
    told = Prefetch("jobs", Job.objects.filter(kind__in=FILES).defer("payload"))
    since = timezone.now() - timedelta(days=DAYS)
    began = Coalesce("started_at", "created_at")
    return (
        Meeting.objects.visible_to(user)
        .filter(~Exists(sound.filter(participant__meeting=OuterRef("pk"))))
        .filter(state=Meeting.State.ENDED, created_at__gte=since)
        .filter(Exists(filed) | ~Exists(worded))
        .select_related("owner", "account")
        .prefetch_related("participants__consent_log", lost, told, "erasures")
        .order_by(began.desc(), "-pk")
    )


def _told(meeting: Meeting) -> Unrecorded:
    failed = {
        job.kind: job.error
        for job in newest(meeting.jobs.all())
        if job.state == Job.State.FAILED
    }
    return Unrecorded(meeting, _why(meeting, failed), failed.get("import", ""))


def _why(meeting: Meeting, failed: dict[str, str]) -> Why:
    tracks = [track for person in meeting.people for track in person.tracks.all()]
    lost = [track.note for track in tracks]  # those alone were asked for
    if NO_ROOM in " ".join(failed.values()) or any(map(FULL.search, lost)):
        return Why.FULL_DISK
    if "import" in failed:
        return Why.IMPORT_FAILED
    if lost or "repair" in failed:
        return Why.BROKEN
    if meeting.erasures.all():
        return Why.DELETED
    return _why_of_people(meeting.people)


def _why_of_people(people: list[Participant]) -> Why:
    if not people:
        return Why.NOBODY_CAME
    if any(person.is_recorded for person in people):
        return Why.NO_SOUND
    chosen = {choice.choice for one in people for choice in one.consent_log.all()}
    agreed = Participant.Consent.RECORDED in chosen
    return Why.WITHDRAWN if agreed else Why.NOBODY_AGREED
