"""What a site may tune: languages, their phrases, and which model serves.

Rows are edited in the admin or imported as TOML; every process takes a new version over
within a second (transcription.languages).
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.utils import timezone

from transcription.speech.engine import language as whisper_languages
from transcription.speech.filters import scripts
from transcription.speech.filters.normal import normal
from transcription.speech.model.catalogue import (
    ModelError,
    named_folder,
    repository,
    validate_folder,
)

PHRASE_CHARACTERS = 200
LIST_CHARACTERS = 4_000
PROMPT_CHARACTERS = 400  # about 100 of the 223 tokens that Whisper takes as context

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Language(models.Model):
    """One language that people speak here, and how its text is written and judged."""

    code = models.CharField(
        max_length=12, unique=True, help_text="Whisper's code: en, fr, pt ..."
    )
    name = models.CharField(max_length=60, blank=True)
    enabled = models.BooleanField(
        default=True, help_text="May be detected on a person's own voice"
    )
    prompt = models.TextField(
        blank=True,
        max_length=PROMPT_CHARACTERS,
        help_text="A sentence in the style that the text should have",
    )
    vocabulary = models.TextField(
        blank=True,
        max_length=PROMPT_CHARACTERS,
        help_text="Names and terms, one a line",
    )
    scripts = models.JSONField(
        default=list,
        blank=True,
        help_text='Allowed besides Latin, e.g. ["Cyrillic"]; empty: any',
    )
    fillers = models.TextField(
        blank=True,
        max_length=LIST_CHARACTERS,
        help_text='Filler words, one a line: "um", "you know"; empty: none are counted',
    )
    backchannels = models.TextField(
        blank=True,
        max_length=LIST_CHARACTERS,
        help_text="Words of who listens, one a line; empty: any two words that are "
        "said while somebody else goes on",
    )
    weak_speech = models.FloatField(
        default=0.3,
        validators=[MinValueValidator(0.0), MaxValueValidator(5.0)],
        help_text="Seconds of voice below which an ambiguous phrase goes",
    )
    weak_probability = models.FloatField(
        default=0.5,
        validators=SHARE,
        help_text="Mean word probability below which it goes",
    )
    weak_no_speech = models.FloatField(
        default=0.3,
        validators=SHARE,
        help_text="No-speech probability above which it goes",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name or self.code}"

    def clean(self) -> None:
        try:
            (self.code,) = whisper_languages.check([self.code])
        except ValueError as error:
            raise ValidationError({"code": str(error)}) from None
        self._check_lengths()
        if not _is_list_of_names(self.scripts):
            raise ValidationError({"scripts": 'A list of names, e.g. ["Cyrillic"]'})
        try:
            scripts.check(self.scripts)
        except ValueError as error:
            raise ValidationError({"scripts": str(error)}) from None

    def _check_lengths(self) -> None:
        """Forms do it by themselves; nobody else checks the length of a TextField."""
        limits = dict.fromkeys(("prompt", "vocabulary"), PROMPT_CHARACTERS)
        limits |= dict.fromkeys(("fillers", "backchannels"), LIST_CHARACTERS)
        for name, limit in limits.items():
            if len(getattr(self, name)) > limit:
                raise ValidationError({name: f"more than {limit} characters"})


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


class Phrase(models.Model):
    """One phrase of a language's bag of hallucinations, or one that is always kept."""

    class Tier(models.TextChoices):
        CERTAIN = "certain", "Certain: goes wherever it stands"
        AMBIGUOUS = "ambiguous", "Ambiguous: goes as a whole line without much sound"
        KEEP = "keep", "Always keep"

    class Source(models.TextChoices):
        STARTER = "starter", "Starter bag"
        HARVEST = "harvest", "Heard in noise"
        IMPORT = "import", "Imported list"
        PERSON = "person", "Added by a person"

    language = models.ForeignKey(Language, models.CASCADE, related_name="phrases")
    phrase = models.CharField(
        max_length=PHRASE_CHARACTERS,
        help_text='"[music]": in brackets only; "Thanks.": as a whole sentence only',
    )
    normal = models.CharField(max_length=PHRASE_CHARACTERS, editable=False)
    tier = models.CharField(max_length=10, choices=Tier)
    count = models.PositiveIntegerField(default=0, help_text="Times heard in noise")
    source = models.CharField(max_length=10, choices=Source, default=Source.PERSON)
    model = models.CharField(max_length=100, blank=True, help_text="Who wrote it")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["language", "tier", "normal"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "normal"], name="one_phrase_per_language"
            )
        ]

    def __str__(self) -> str:
        return self.phrase

    def clean(self) -> None:
        self.normal = normal(self.phrase)
        if not self.normal:
            raise ValidationError({"phrase": "There is no word in it"})
        if len(self.normal) > PHRASE_CHARACTERS:
            raise ValidationError({"phrase": "Written out, it is too long"})
        twin = Phrase.objects.filter(language_id=self.language_id, normal=self.normal)
        if twin.exclude(pk=self.pk).exists():
            raise ValidationError({"phrase": "This phrase is in the bag already"})


class Configuration(models.Model):
    """The one row whose version says that something above has changed."""

    version = models.PositiveBigIntegerField(default=1)
    model = models.CharField(
        max_length=300,
        blank=True,
        help_text="Size name or folder; empty: the setting WHISPER_MODEL",
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "caption model"
        verbose_name_plural = "caption model"

    def __str__(self) -> str:
        return f"Version {self.version}"

    def clean(self) -> None:
        try:
            if folder := named_folder(self.model):
                validate_folder(folder)
            elif self.model not in ("", "auto"):
                repository(self.model)  # a size, or one such as Systran/faster-...
        except ModelError as error:
            raise ValidationError({"model": str(error)}) from None

    @classmethod
    def now(cls) -> "Configuration":
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def publish(cls) -> None:
        """Tell every process that rows have changed. Inside the same transaction."""
        cls.now()
        cls.objects.filter(pk=1).update(
            version=F("version") + 1, changed_at=timezone.now()
        )
