"""What is kept of one person is deleted, in a way that leaves nothing to be found.

Rows go at once, with the person's own row: whatever else refers to it goes along, and
what still works on this person can write nothing more. A stranger without a name takes
the place. A job then cleans what is no row: files, what databases keep of deleted rows,
and the mix, which is made anew of the others' sound.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import structlog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from meetings import jobs, rights, taps
from meetings.events import announce
from meetings.media.egress.manifest import RecordingManifest
from meetings.models import (
    Account,
    Erasure,
    Job,
    Meeting,
    Participant,
    Recording,
    Track,
)
from meetings.models.names import one_line
from meetings.models.participant import ERASED
from meetings.models.recording import folder_of
from meetings.recordings import finishing

log = structlog.get_logger(__name__)

CLOSES_FILES = ("repair", "import")  # kinds of jobs that give files their rows
GOES_ON = "The call goes on. End it first, then delete what is kept of this person."
CLOSING = "The files of this call are still being read. Try again when that is done."
SHARED = (
    "The voice of this person shares one file with others. Delete the whole call, or "
    "take back who spoke and delete the file."
)
NOBODY = "Nothing is kept of this person any more."
OTHERS_WORK = "Other work on this call ends first"
BUSY = "The database is busy; its file is cleaned as soon as it can be"


class NotNow(Exception):
    """A person cannot be deleted; the message is for people."""


def erase(person: Participant, by: User) -> Erasure:
    """Delete what is kept of ``person``; ``by`` asked for it. Raises NotNow."""
    with transaction.atomic():
        # A mix that is made meanwhile waits for this, and is thrown away.
        meeting = Meeting.objects.select_for_update().get(pk=person.meeting_id)
        _check(meeting, person)
        _forget_name(meeting, person)
        rows = _replace(person)
        Recording.objects.filter(meeting=meeting).delete()
        erasure = Erasure.objects.create(
            meeting=meeting,
            code=meeting.code,
            by=by,
            by_name=by.email or by.get_username(),
            rows=rows,
        )
        jobs.request("erase", meeting, erasure=erasure.pk)
    log.info("a person was deleted", meeting=meeting.code, by=by.pk, rows=rows)
    rights.changed(meeting=meeting.pk)
    announce(meeting.pk, {"type": "meeting"})
    return erasure


def _check(meeting: Meeting, person: Participant) -> None:
    if meeting.accepts_people:
        raise NotNow(GOES_ON)
    if person.heard_on_id:
        raise NotNow(SHARED)
    closing = meeting.jobs.filter(kind__in=CLOSES_FILES, state__in=Job.UNFINISHED)
    if closing.exists():
        raise NotNow(CLOSING)
    if not Participant.objects.filter(pk=person.pk, erased_at=None).exists():
        raise NotNow(NOBODY)


def _replace(person: Participant) -> int:
    """Delete the row and all that refers to it; how many. Somebody stays in its place:
    that a person was here is no secret, who it was is."""
    stranger = Participant(
        meeting_id=person.meeting_id,
        name=ERASED,
        side=person.side,
        consent=Participant.Consent.UNRECORDED,
        colour=person.colour,
        joined_at=person.joined_at,
        left_at=person.left_at,
        erased_at=timezone.now(),
    )
    count, _ = person.delete()
    stranger.save()
    return count


# -- where a name stands that is no row of the person


def _forget_name(meeting: Meeting, person: Participant) -> None:
    names = {person.name, *_forget_import(meeting, person.pk)}
    for twin in person.joined.all():
        names |= {twin.name, *_forget_import(meeting, twin.pk)}
    for name in sorted(filter(None, names), key=len, reverse=True):
        meeting.title = one_line(_without(meeting.title, name))
        _forget_in_account(meeting, name)
        for job in meeting.jobs.exclude(error=""):
            job.error = _without(job.error, name)[:300]
            job.save(update_fields=["error"])
        for track in Track.objects.filter(participant__meeting=meeting):
            track.note = _without(track.note, name)[:200]  # of a file they shared
            track.save(update_fields=["note"])
        _forget_in_admin_log(meeting, person, name)
    meeting.save(update_fields=["title", "account"])


def _forget_in_account(meeting: Meeting, name: str) -> None:
    """The call gets an account that does not name them; the old one goes when no other
    call has it."""
    before = meeting.account
    if before is None or (text := _without(before.name, name)) == before.name:
        return
    meeting.account = Account.objects.called(text)
    meeting.save(update_fields=["account"])
    if not before.meetings.exists():
        before.delete()


def _without(text: str, name: str) -> str:
    """``text`` that names nobody; nothing when it was only the name."""
    if text.casefold() == name.casefold():
        return ""
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return whole.sub(ERASED.lower(), text)


def _forget_import(meeting: Meeting, person: int) -> set[str]:
    """Take the person's files out of what was imported; what they were called."""
    names: set[str] = set()
    for job in meeting.jobs.filter(kind="import"):
        files = job.payload.get("files", [])
        theirs = [entry for entry in files if person in entry["people"]]
        for entry in theirs:
            names |= {entry["name"], one_line(Path(entry["name"]).stem)}
            meeting.fingerprints.filter(file=entry["file"]).delete()
        job.payload["files"] = [entry for entry in files if entry not in theirs]
        job.save(update_fields=["payload"])
    return names


def _forget_in_admin_log(meeting: Meeting, person: Participant, name: str) -> None:
    """Who changed what stays; whom it was about does not."""
    entries = LogEntry.objects.all()
    row, of_person = str(person.pk), ContentType.objects.get_for_model(Participant)
    entries.filter(content_type=of_person, object_id=row).update(object_repr=ERASED)
    ours = entries.filter(content_type__app_label__in=_chapters())
    ours.filter(object_repr__startswith=name).update(object_repr=ERASED)
    of_meeting = ContentType.objects.get_for_model(Meeting)
    told = entries.filter(content_type=of_meeting, object_id=str(meeting.pk))
    for entry in told:
        entry.object_repr = _without(entry.object_repr, name)[:200]
        if any(way in entry.change_message for way in (name, json.dumps(name)[1:-1])):
            entry.change_message = ""
        entry.save(update_fields=["object_repr", "change_message"])


def _chapters() -> set[str]:
    """Labels of the apps whose rows are about people of meetings."""
    return {model._meta.app_label for model in _models()}


def _models() -> list[Any]:
    """Models whose rows go with a person."""
    related = [relation.related_model for relation in Participant._meta.related_objects]
    return [Participant, *related]


# -- the job


def clean_up(job: Job, progress: jobs.Progress) -> None:
    """Files, traces and the mix; may run again at any time. Raises JobWaits while
    other work may still write what is to go."""
    meeting = job.meeting
    if _others(meeting, job).exists():
        raise jobs.JobWaits(OTHERS_WORK)
    count = _clean_folder(meeting)
    progress(0.3)
    taps.person_erased.publish(meeting.pk)
    _clean_database()
    progress(0.9)
    if finishing.readable_tracks(meeting):
        jobs.request("compose", meeting)
    taps.transcript_changed.publish(meeting.pk)
    erasure = Erasure.objects.get(pk=job.payload["erasure"])
    erasure.files += count
    erasure.done_at = timezone.now()
    erasure.save(update_fields=["files", "done_at"])
    announce(meeting.pk, {"type": "recording"})
    log.info("nothing is left of a deleted person", meeting=meeting.code, files=count)


def _others(meeting: Meeting, job: Job) -> QuerySet[Job]:
    running = meeting.jobs.filter(state=Job.State.RUNNING)
    return running.exclude(kind=job.kind).exclude(pk=job.pk)


def _clean_folder(meeting: Meeting) -> int:
    """Delete all files but those that somebody else's rows name; how many."""
    folder = folder_of(meeting)
    people = meeting.participants.values_list("pk", flat=True)
    RecordingManifest(folder).keep({str(pk) for pk in people})
    found = sorted(folder.iterdir())
    named = _named(meeting)  # after the look: what began meanwhile was not seen
    doomed = [path for path in found if path.name not in named]
    count = sum(_files_in(path) for path in doomed)
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return count


def _named(meeting: Meeting) -> set[str]:
    """Names in the meeting's folder that rows of others, or work of others, need."""
    tracks = Track.objects.filter(participant__meeting=meeting)
    names = {RecordingManifest.NAME, *tracks.values_list("file", flat=True)}
    for recording in Recording.objects.filter(meeting=meeting):
        names |= {
            Path(file).parts[0] for file in (recording.mix, recording.video) if file
        }
    for job in meeting.jobs.filter(kind="import"):
        names |= {entry["file"] for entry in job.payload.get("files", [])}
    for job in meeting.jobs.filter(kind="compose", state=Job.State.RUNNING):
        names.add(finishing.folder_name(job))
    return names


def _files_in(path: Path) -> int:
    return sum(p.is_file() for p in path.rglob("*")) if path.is_dir() else 1


def _clean_database() -> None:
    """Deleted rows leave the database's own files, too."""
    clean = {"sqlite": _clean_sqlite, "postgresql": _clean_postgresql}
    try:
        clean[connection.vendor]()
    except OperationalError as error:
        log.warning("the database's file is not cleaned yet", error=str(error))
        raise jobs.JobWaits(BUSY) from error


def _clean_sqlite() -> None:
    """Write the file anew, without what deleted rows left in its pages."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # waits as a write does
        busy, *_ = cursor.fetchone()
    if busy:
        raise OperationalError("somebody reads the old pages")


def _clean_postgresql() -> None:
    """Free the rows, and renew the statistics, which quote values of columns."""
    with connection.cursor() as cursor:
        for model in _models():
            cursor.execute(f'VACUUM (ANALYZE) "{model._meta.db_table}"')
