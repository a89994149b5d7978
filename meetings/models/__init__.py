from .erasure import Erasure
from .job import Job
from .meeting import Meeting, MeetingQuerySet
from .participant import ConsentChoice, GuestLink, Participant
from .recording import Recording, Track
from .team import Team

__all__ = [
    "ConsentChoice",
    "Erasure",
    "GuestLink",
    "Job",
    "Meeting",
    "MeetingQuerySet",
    "Participant",
    "Recording",
    "Team",
    "Track",
]
