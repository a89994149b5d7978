"""What was said, what the filters took away, and what a site tunes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from meetings import languages
from meetings.times import clock
from transcription.models import Configuration, Language, Phrase, Removal, Utterance
from transcription.speech.filters.scripts import SCRIPTS
from transcription.tuning import bags, listening

SHOWN = 100  # characters of a line in a list


class HeardAdmin(admin.ModelAdmin):
    """Rows that the engine writes; people read them."""

    @admin.display(description="At", ordering="start_ms")
    def at(self, row: Any) -> str:
        return clock(row.start_ms)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the admin's log would quote what is deleted


@admin.register(Utterance)
class UtteranceAdmin(HeardAdmin):
    list_display = (
        *("text_said", "participant", "at", "language", "transcript_pass", "meeting"),
    )
    list_filter = ("transcript_pass", "language", "updated_at")
    list_select_related = ("participant", "meeting")
    search_fields = (
        "text",
        "raw",
        "participant__name",
        "meeting__title",
        "meeting__code",
    )
    date_hierarchy = "updated_at"
    show_full_result_count = False  # counting every line of every call takes seconds

    @admin.display(description="Line", ordering="text")
    def text_said(self, line: Utterance) -> str:
        return Truncator(line.text).chars(SHOWN)


@admin.register(Removal)
class RemovalAdmin(HeardAdmin):
    list_display = ("text_removed", "why", "participant", "at", "meeting")
    list_filter = ("reason", "created_at")
    list_select_related = ("participant", "meeting")
    search_fields = ("raw", "reason", "participant__name", "meeting__title")
    date_hierarchy = "created_at"

    @admin.display(description="Removed", ordering="raw")
    def text_removed(self, removal: Removal) -> str:
        return Truncator(removal.raw).chars(SHOWN)


class TuningAdmin(admin.ModelAdmin):
    """Rows whose change every process takes over within a second."""

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        Configuration.publish()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        Configuration.publish()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        Configuration.publish()


def codes() -> list[tuple[str, str]]:
    """What a language may be, by name."""
    named = [(f"{languages.name_of(code)} ({code})", code) for code in languages.known]
    return [("", "Choose"), *((code, name) for name, code in sorted(named))]


class LanguageForm(forms.ModelForm):
    code = forms.ChoiceField(choices=codes, label="Language")
    scripts = forms.MultipleChoiceField(
        choices=[(name, name) for name in SCRIPTS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Letters that may stand in the text; Latin always may. None: any",
    )

    class Meta:
        model = Language
        fields = "__all__"


@admin.register(Language)
class LanguageAdmin(TuningAdmin):
    form = LanguageForm
    list_display = ("name_or_code", "enabled", "letters", "phrases_in_bag")
    list_filter = ("enabled",)
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("code", "name", "enabled")}),
        ("What the model is told", {"fields": ("prompt", "vocabulary")}),
        ("What may be written", {"fields": ("scripts",)}),
        ("What the statistics count", {"fields": ("fillers", "backchannels")}),
        (
            "When the sound speaks against an ambiguous phrase",
            {"fields": ("weak_speech", "weak_probability", "weak_no_speech")},
        ),
    )

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if not change:
                bags.sow(obj)
                listening.sow(obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(bag=Count("phrases"))
        return counted

    @admin.display(description="Language", ordering="name")
    def name_or_code(self, language: Language) -> str:
        return f"{language.name} ({language.code})" if language.name else language.code

    @admin.display(description="Letters besides Latin")
    def letters(self, language: Language) -> str:
        return ", ".join(language.scripts) or "Any"

    @admin.display(ordering="bag")
    def phrases_in_bag(self, language: Any) -> int:
        return int(language.bag)


@admin.register(Phrase)
class PhraseAdmin(TuningAdmin):
    list_display = ("phrase", "language", "tier", "count", "source", "model")
    list_filter = ("language", "tier", "source")
    list_select_related = ("language",)
    search_fields = ("phrase", "normal")
    readonly_fields = ("count", "source", "model", "created_at")


@admin.register(Configuration)
class ConfigurationAdmin(TuningAdmin):
    list_display = ("version", "model", "changed_at")
    readonly_fields = ("version", "changed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Configuration.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
