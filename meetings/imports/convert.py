"""The import job: recorded files become people with tracks on one clock.

Each file stands for itself: what cannot be read is told in a sentence, and takes no
other file with it. The job may run again at any time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from meetings import jobs, mail_domains, taps
from meetings.imports.dates import OLDEST, date_in, is_real
from meetings.imports.seats import seat
from meetings.imports.services import Voice, speaker_of
from meetings.media.errors import MediaError, NoRoom
from meetings.media.ingress.apart import decode_apart
from meetings.media.ingress.files import Imported
from meetings.media.probe import MediaInfo, StreamInfo, probe
from meetings.models import Job, Meeting, Track
from meetings.models.lifecycle import move
from meetings.models.names import one_line
from meetings.models.recording import folder_of
from meetings.recordings import finishing

log = structlog.get_logger(__name__)

SIDES = ("left", "right")
LOOK_SECONDS = 90.0  # for one look; a good file needs one or two
PATIENCE = timedelta(hours=1)  # in which a busy machine should find time for a look
REASONS = {
    "not_media": "is not a sound or video file that can be read",
    "no_audio": "has no sound in it",
    "too_long": "is longer than 12 hours",
}
ENDED_EARLY = "ended early; what was readable is kept."
NAMED = 80  # letters of a file's name that a sentence has room for


class Unreadable(Exception):
    """A file gives no sound; the message is a sentence for people."""


def convert(job: Job, progress: jobs.Progress) -> None:
    """Every file becomes tracks; then the meeting is an ended one, whatever they were.

    Raises JobFailed with a sentence for each file that could not be read, JobWaits
    while the machine has no time to look into them.
    """
    problems = list(_read(job, progress))
    _complete(job)
    _end(job.meeting)
    if finishing.readable_tracks(job.meeting):
        _hand_on_transcripts(job)
        finishing.finish(job.meeting)
    if problems:
        raise jobs.JobFailed(" ".join(problems))


def _read(job: Job, progress: jobs.Progress) -> Iterator[str]:
    """What is wrong with the files that cannot be read."""
    files: list[dict[str, Any]] = job.payload["files"]
    for number, entry in enumerate(files):

        def report(share: float, number: int = number) -> None:
            progress((number + share) / len(files))

        try:
            ImportedFile(job, entry).read(report)
        except Unreadable as error:
            yield str(error)
        except NoRoom:
            yield finishing.NO_ROOM
            return


def _complete(job: Job) -> None:
    """What is known beside the files: who else was there, whose call it is, and when it
    was if no file says so."""
    meeting = job.meeting
    for person in job.payload.get("people", []):
        if not meeting.participants.filter(name=person["name"]).exists():
            seat(meeting, Voice(**person))
    mail_domains.file_call(meeting, meeting.owner)
    dated = any(entry.get("dated") for entry in job.payload["files"])
    if (held := job.payload.get("held_else")) and not dated:
        meeting.started_at = datetime.fromisoformat(held)
        meeting.save(update_fields=["started_at"])


def _hand_on_transcripts(job: Job) -> None:
    """What lies beside the recording goes to whoever reads it, and is not kept."""
    for entry in job.payload.get("transcripts", []):
        path = folder_of(job.meeting) / entry["file"]
        if path.exists():
            taps.transcript_came.publish(job.meeting.pk, path, entry["name"])
            path.unlink()


def _end(meeting: Meeting) -> None:
    ends = [track.end_ms for track in finishing.readable_tracks(meeting)]
    now = timezone.now()
    move(meeting, Meeting.State.ENDED, ended_at=now, duration_ms=max(ends, default=0))


def settle() -> int:
    """End meetings whose import was given up, so that they can be deleted; how many.

    A failed import is an end: the job can be tried again all the same.
    """
    unfinished = Job.objects.filter(kind="import", state__in=Job.UNFINISHED)
    stuck = Meeting.objects.filter(state=Meeting.State.IMPORTING)
    left = stuck.exclude(pk__in=unfinished.values("meeting_id"))
    for meeting in left:
        log.warning("an import was given up", meeting=meeting.code)
        _end(meeting)
    return len(left)


@dataclass(frozen=True)
class Wanted:
    """A sound track of a file: who speaks there, and where their sound is put."""

    number: int  # from 1 on, as players count
    stream: StreamInfo
    voices: list[tuple[Voice, Path]]  # two for the sides of a stereo track

    @property
    def outs(self) -> list[Path]:
        return [out for _, out in self.voices]


class ImportedFile:
    """One file of an import."""

    def __init__(self, job: Job, entry: dict[str, Any]) -> None:
        self.job, self.meeting, self.entry = job, job.meeting, entry
        self.name: str = Truncator(entry["name"]).chars(NAMED)
        self.path = folder_of(self.meeting) / entry["file"]

    def read(self, report: jobs.Progress) -> None:
        """Its people and their tracks; the file is gone then. Raises Unreadable,
        NoRoom."""
        if not self.path.exists():
            return self._was_read_before()
        try:
            info = probe(self.path, LOOK_SECONDS, self.entry["name"])
            wanted = self._wanted(info)
            order = {one.stream.index: one.outs for one in wanted}
            made = decode_apart(self.path, order, self.entry["name"], report)
        except MediaError as error:
            raise self._unreadable(error) from error
        self._keep(info, wanted, made)
        self.path.unlink()

    def _was_read_before(self) -> None:
        if problem := self.entry.get("problem"):
            raise Unreadable(problem)
        begins = f"{self.entry['file']}-"
        if not _tracks(self.meeting).filter(file__startswith=begins).exists():
            raise Unreadable(f"{self.name} is not here any more. Import it again.")

    def _unreadable(self, error: MediaError) -> Exception:
        """Why it cannot be read; what will never be readable is not kept."""
        log.warning("a file was not imported", code=error.code, error=error.detail)
        if error.code == NoRoom().code:
            return NoRoom()
        if error.code == "too_slow":
            return self._later()
        if error.code == "crashed":
            return Unreadable(f"{self.name} could not be read. Try again.")
        reason = REASONS.get(error.code, "cannot be read")
        if error.code == "undecodable":
            reason = f"cannot be read: {error.detail}"
        return self._refuse(f"{self.name} {reason}.")

    def _later(self) -> Exception:
        sentence = f"The server had no time to look into {self.name}"
        if timezone.now() - self.job.created_at < PATIENCE:
            return jobs.JobWaits(f"{sentence}; it is tried again")
        return Unreadable(f"{sentence}. Try again.")

    def _refuse(self, sentence: str) -> Unreadable:
        """Keep the reason in place of the file."""
        self.entry["problem"] = sentence
        self._note_entry()
        self.path.unlink(missing_ok=True)
        return Unreadable(sentence)

    def _note_entry(self) -> None:
        Job.objects.filter(pk=self.job.pk).update(payload=self.job.payload)

    def _wanted(self, info: MediaInfo) -> list[Wanted]:
        """The tracks that were asked for and can be decoded. Raises Unreadable."""
        asked = self.job.payload.get("tracks")
        found = [
            (number, sound)
            for number, sound in enumerate(info.sounds, 1)
            if not sound.problem and (not asked or number in asked)
        ]
        if not found:
            has = f"{self.name} has {len(info.sounds)} sound tracks"
            raise self._refuse(f"{has}, and none that was asked for can be read.")
        return [self._one_wanted(n, sound, len(found) > 1) for n, sound in found]

    def _one_wanted(self, number: int, sound: StreamInfo, several: bool) -> Wanted:
        split = self.job.payload.get("split") and sound.channels == 2
        voices = self._sides() if split else [self._voice(number, sound, several)]
        # Named after the file: a second run writes the same files and rows again.
        begins = self.path.with_name(f"{self.path.name}-{sound.index}")
        outs = [begins.with_name(f"{begins.name}-{n}.ogg") for n in range(len(voices))]
        return Wanted(number, sound, list(zip(voices, outs, strict=True)))

    def _voice(self, number: int, sound: StreamInfo, several: bool) -> Voice:
        given = self._given(1)[0]
        if not several:
            return replace(given, name=given.name or speaker_of(self.entry["name"]))
        who = given.name or speaker_of(self.entry["name"])
        return Voice(one_line(sound.title)[:60] or f"{who[:60]} ({number})")

    def _sides(self) -> list[Voice]:
        who = speaker_of(self.entry["name"])[:66]
        given = zip(self._given(2), SIDES, strict=True)
        return [replace(v, name=v.name or f"{who} ({side})") for v, side in given]

    def _given(self, count: int) -> list[Voice]:
        """What the one who imported said of who speaks."""
        said = [Voice(**voice) for voice in self.entry.get("voices", [])]
        return [*said, Voice(), Voice()][:count]

    def _keep(
        self, info: MediaInfo, wanted: Sequence[Wanted], made: dict[int, Imported]
    ) -> None:
        heard = [one for one in wanted if not made[one.stream.index].silent]
        if self.job.payload.get("tracks") or not heard:
            heard = list(wanted) if self.job.payload.get("tracks") else [wanted[0]]
        told = tracks_told(self.name, info, wanted, heard)
        with transaction.atomic():
            for one in heard:
                track = made[one.stream.index]
                early = f"{self.name} {ENDED_EARLY}" if track.truncated else ""
                note = " ".join(filter(None, [told, early]))
                self._rows(one, track, note)
            self._date(info)
            self._note_entry()
        for one in wanted:
            for out in one.outs if one not in heard else ():
                out.unlink(missing_ok=True)

    def _rows(self, one: Wanted, made: Imported, note: str) -> None:
        for voice, out in one.voices:
            before = _tracks(self.meeting).filter(file=out.name).first()
            person = before.participant if before else seat(self.meeting, voice)
            Track.objects.update_or_create(
                participant=person,
                file=out.name,
                defaults={
                    "source": Track.Source.IMPORT,
                    "state": Track.State.CLOSED,
                    "offset_ms": made.offset_ms,
                    "duration_ms": made.duration_ms,
                    "gaps": made.gaps,
                    "note": Truncator(note).chars(200),
                },
            )
            # By it a person who is deleted finds what their file was called.
            self.entry["people"] = sorted({*self.entry["people"], person.pk})

    def _date(self, info: MediaInfo) -> None:
        """The call was when the first of its files says so, or else its name, not when
        it came here; unless somebody said when."""
        moment = self._moment(info)
        self.entry["dated"] = moment is not None
        if moment is None or self.job.payload.get("held_at"):
            return
        if moment < (self.meeting.started_at or timezone.now()):
            self.meeting.started_at = moment
            self.meeting.save(update_fields=["started_at"])

    def _moment(self, info: MediaInfo) -> datetime | None:
        now = timezone.now()
        made = datetime.fromisoformat(info.made) if info.made else OLDEST
        if is_real(made, now):
            return made
        return date_in(self.entry["name"], timezone.get_current_timezone(), now)


def tracks_told(
    name: str, info: MediaInfo, wanted: Sequence[Wanted], heard: Sequence[Wanted]
) -> str:
    """What became of several sound tracks; nothing where there was one."""
    if len(info.sounds) == 1:
        return ""
    numbers = {one.number for one in heard}
    silent = {one.number for one in wanted} - numbers
    unreadable = {n for n, sound in enumerate(info.sounds, 1) if sound.problem}
    others = set(range(1, len(info.sounds) + 1)) - numbers - silent - unreadable
    left_out = [
        f"{_numbered(group)} {why}"
        for group, why in [
            (silent, "silent"),
            (unreadable, "without a decoder"),
            (others, "not asked for"),
        ]
        if group
    ]
    return f"{name} has {len(info.sounds)} sound tracks, " + (
        f"not taken: {'; '.join(left_out)}." if left_out else "one person each."
    )


def _numbered(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _tracks(meeting: Meeting) -> QuerySet[Track]:
    return Track.objects.filter(participant__meeting=meeting)
