"""Files of a meeting: one track per person and segment, and what players play."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from .meeting import Meeting
from .participant import Participant


def folder_of(meeting: Meeting) -> Path:
    """Everything on disk of one meeting; made on first use."""
    path: Path = settings.RECORDINGS_DIR / str(meeting.pk)
    path.mkdir(parents=True, exist_ok=True)
    return path


class Track(models.Model):
    """A stretch of one person's sound in one crash-safe file."""

    class State(models.TextChoices):
        OPEN = "open", "Being written"
        CLOSED = "closed", "Closed"
        REPAIRED = "repaired", "Repaired after a crash"
        LOST = "lost", "Unreadable"

    MOVES: ClassVar[dict[str, set[str]]] = {
        State.OPEN: {State.CLOSED, State.REPAIRED, State.LOST},
        State.CLOSED: {State.REPAIRED, State.LOST},
        State.REPAIRED: {State.LOST},
        State.LOST: set(),
    }

    READABLE = (State.CLOSED, State.REPAIRED)

    class Source(models.TextChoices):
        MICROPHONE = "microphone", "Microphone"
        IMPORT = "import", "Import"

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="tracks")
    source = models.CharField(max_length=12, choices=Source, default=Source.MICROPHONE)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    file = models.CharField(max_length=200, help_text="Inside the meeting's folder")
    offset_ms = models.PositiveBigIntegerField(
        default=0, help_text="Start on the meeting's clock"
    )
    duration_ms = models.PositiveBigIntegerField(default=0)
    packets_lost = models.PositiveBigIntegerField(default=0)
    gaps = models.JSONField(
        default=list,
        blank=True,
        help_text="[[start_ms, end_ms]] filled by silence",
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "file of sound"
        verbose_name_plural = "files of sound"
        ordering = ["offset_ms", "pk"]

    def __str__(self) -> str:
        return f"{self.participant} from {self.offset_ms / 1000:.1f} s"

    @property
    def path(self) -> Path:
        return folder_of(self.participant.meeting) / self.file

    @property
    def end_ms(self) -> int:
        return self.offset_ms + self.duration_ms


class Recording(models.Model):
    """What the player plays: a mix, one aligned stem per person, and their peaks."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="recording")
    mix = models.CharField(max_length=200)
    stems = models.JSONField(default=dict, help_text="participant id -> file")
    peaks = models.CharField(max_length=200)
    duration_ms = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Recording of {self.meeting}"

    def path(self, name: str) -> Path:
        return folder_of(self.meeting) / name

    @property
    def overview(self) -> Path:
        """The peaks of the mix in few figures; older recordings have all alone."""
        peaks = self.path(self.peaks)
        few = peaks.with_name("overview.json")
        return few if few.is_file() else peaks

    @property
    def download(self) -> Path:
        """The mix as people keep it; the player's own file where there is no other."""
        mix = self.path(self.mix)
        kept = mix.with_suffix(".m4a")
        return kept if kept.is_file() else mix
