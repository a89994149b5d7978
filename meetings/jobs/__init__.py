"""Jobs: claimed by a conditional UPDATE, kept alive by a heartbeat, run again if lost.

The row is the truth (``rows``); what Valkey holds says only that there may be work.
"""

from meetings.jobs.asking import request, retry
from meetings.jobs.kinds import (
    KINDS,
    JobFailed,
    JobInterrupted,
    JobWaits,
    Kind,
    Progress,
    describe,
    register,
)
from meetings.jobs.reconciler import reconcile, release
from meetings.jobs.running import is_stopping, run, stop, wait

__all__ = [
    "KINDS",
    "JobFailed",
    "JobInterrupted",
    "JobWaits",
    "Kind",
    "Progress",
    "describe",
    "is_stopping",
    "reconcile",
    "register",
    "release",
    "request",
    "retry",
    "run",
    "stop",
    "wait",
]
