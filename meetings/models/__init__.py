from .job import Job
from .meeting import Meeting, MeetingQuerySet
from .participant import ConsentChoice, GuestLink, Participant
from .recording import Recording, Track

__all__ = [
    "ConsentChoice",
    "GuestLink",
    "Job",
    "Meeting",
    "MeetingQuerySet",
    "Participant",
    "Recording",
    "Track",
]
