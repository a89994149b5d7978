"""A meeting as a row of the home page."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from dashboard.models import TalkStrip
from dashboard.queries import work_left
from meetings import jobs
from meetings.models import Job, Meeting, Participant


def recorded_first(people: Iterable[Participant]) -> list[Participant]:
    """``people`` in their order, who is not recorded last."""
    return sorted(people, key=lambda person: not person.is_recorded)


class Row:
    """What the list says of a meeting whose people and jobs are prefetched."""

    def __init__(self, meeting: Meeting, reader: AbstractBaseUser) -> None:
        self.meeting = meeting
        self.may_run = meeting.may_be_run_by(reader)
        self.work = work_left(meeting.jobs.all())

    @property
    def people(self) -> list[Participant]:
        """Those whose words are in the call first."""
        return recorded_first(self.meeting.people)

    @property
    def strip(self) -> TalkStrip | None:
        """Who spoke when; None until the call is indexed."""
        return getattr(self.meeting, "talk_strip", None)

    @property
    def moves(self) -> bool:
        """The row will soon read differently, so the page asks for it again."""
        return not self.meeting.is_over or any(not j.is_finished for j in self.work)

    @property
    def length_ms(self) -> int:
        live = self.meeting.is_live
        return self.meeting.clock_ms() if live else self.meeting.duration_ms

    @cached_property
    def job(self) -> dict[str, Any] | None:
        """The job that the row tells of: one that runs, or waits, or failed."""
        order = [Job.State.RUNNING, Job.State.QUEUED, Job.State.FAILED]
        ranked = sorted(self.work, key=lambda job: order.index(Job.State(job.state)))
        return jobs.describe(ranked[0]) if ranked else None
