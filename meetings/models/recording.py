"""Files of a meeting: one track per person and segment, and what players play."""

from pathlib import Path
from typing import ClassVar, Self

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


class TrackQuerySet(models.QuerySet["Track"]):
    """Every read of files says by this which of them it means."""

    def readable(self) -> Self:
        return self.filter(state__in=Track.READABLE)

    def sound(self) -> Self:
        return self.exclude(source__in=Track.PICTURES)

    def pictures(self) -> Self:
        return self.filter(source__in=Track.PICTURES)


class Track(models.Model):
    """A stretch of one person's sound or picture in one crash-safe file."""

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
        TAB = "tab", "Sound of a shared screen"
        CAMERA = "camera", "Camera"
        SCREEN = "screen", "Shared screen"

    PICTURES = (Source.CAMERA, Source.SCREEN)

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
    handed_in = models.BooleanField(
        default=False, help_text="Afterwards, by the browser that had kept it"
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TrackQuerySet.as_manager()

    class Meta:
        verbose_name = "recorded file"
        verbose_name_plural = "recorded files"
        ordering = ["offset_ms", "pk"]

    def __str__(self) -> str:
        return f"{self.participant} from {self.offset_ms / 1000:.1f} s"

    @property
    def path(self) -> Path:
        return folder_of(self.participant.meeting) / self.file

    @property
    def mp4(self) -> Path:
        """Where the same is for any program, once somebody had it made."""
        return folder_of(self.participant.meeting) / f"video-{self.pk}" / "film.mp4"

    @property
    def has_mp4(self) -> bool:
        return self.mp4.is_file()

    @property
    def is_speech(self) -> bool:
        """Whether it is what the person says, and nothing that they share."""
        return self.source not in (self.Source.TAB, *self.PICTURES)

    @property
    def end_ms(self) -> int:
        return self.offset_ms + self.duration_ms


class Recording(models.Model):
    """What the player plays: a mix, one aligned stem per person, and their peaks."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="recording")
    mix = models.CharField(max_length=200)
    stems = models.JSONField(default=dict, help_text="participant id -> file")
    peaks = models.CharField(max_length=200)
    video = models.CharField(
        max_length=200, blank=True, help_text="The film of the call, if there is one"
    )
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
