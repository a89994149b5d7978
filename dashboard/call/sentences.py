"""What the page of a call says where there is nothing to hear or to read, and why."""

from collections.abc import Sequence

from dashboard.call.lanes import Lane
from dashboard.queries import newest
from meetings.models import Job, Meeting

NOBODY = "Nobody was recorded in this call."
READING = "The files are being read in. This page fills itself."
MIXING = (
    "The sound is being put together. It plays here as soon as it is ready; "
    "the text can be read now."
)
NOT_MIXED = "The sound could not be put together."
NO_SOUND = "There is no sound in this call."
HEARING = "The words stand here as they are heard."
WRITING = "The words are being written down, and stand here as they come."
NOT_WRITTEN = "The words could not be written down."
NO_WORDS = "No words were heard in this call."

PASS = "second_pass"
FILES = ("import", "repair", "compose")  # kinds of jobs that sound waits for

States = dict[str, str]  # kind of job -> state of the newest


def why_empty(meeting: Meeting, lanes: Sequence[Lane]) -> dict[str, str]:
    """Sentences in the place of player and transcript, for a page's context."""
    states = {job.kind: job.state for job in newest(meeting.jobs.all())}
    return {
        "without_sound": _without_sound(meeting, lanes, states),
        "without_words": _without_words(meeting, lanes, states),
    }


def _without_sound(meeting: Meeting, lanes: Sequence[Lane], states: States) -> str:
    if not meeting.is_over:
        return READING
    work = {states[kind] for kind in FILES if kind in states}
    if work & set(Job.UNFINISHED):
        return MIXING
    if lanes and Job.State.FAILED in work:
        return NOT_MIXED
    if lanes and not _anybody(lanes):
        return NOBODY
    return NO_SOUND


def _without_words(meeting: Meeting, lanes: Sequence[Lane], states: States) -> str:
    if not meeting.is_over:
        return HEARING
    work = {states[kind] for kind in (*FILES, PASS) if kind in states}
    if work & set(Job.UNFINISHED):
        return WRITING
    if states.get(PASS) == Job.State.FAILED:
        return NOT_WRITTEN
    return NO_WORDS if _anybody(lanes) or not lanes else NOBODY


def _anybody(lanes: Sequence[Lane]) -> bool:
    return any(lane.person.is_recorded or lane.speech_ms for lane in lanes)
