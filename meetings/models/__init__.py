from .account import Account, AccountDomain, AccountQuerySet
from .chat import ChatMessage
from .erasure import Erasure
from .fingerprint import Fingerprint
from .job import Job
from .knock import Knock
from .meeting import Meeting, MeetingQuerySet
from .outlet import Outlet
from .participant import ConsentChoice, GuestLink, Participant
from .recording import Recording, Track
from .source import Source
from .team import Team

__all__ = [
    "Account",
    "AccountDomain",
    "AccountQuerySet",
    "ChatMessage",
    "ConsentChoice",
    "Erasure",
    "Fingerprint",
    "GuestLink",
    "Job",
    "Knock",
    "Meeting",
    "MeetingQuerySet",
    "Outlet",
    "Participant",
    "Recording",
    "Source",
    "Team",
    "Track",
]
