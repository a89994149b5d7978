"""What was said, what the filters took away, and what a site tunes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from transcription.models import Configuration, Language, Phrase, Removal, Utterance
from transcription.speech.filters.scripts import SCRIPTS
from transcription.tuning import bags


class HeardAdmin(admin.ModelAdmin):
    """Rows that the engine writes; people read them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the admin's log would quote what is deleted


@admin.register(Utterance)
class UtteranceAdmin(HeardAdmin):
    list_display = (
        *("participant", "meeting", "start_ms", "text", "transcript_pass", "language"),
        *("confidence", "latency_ms"),
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


@admin.register(Removal)
class RemovalAdmin(HeardAdmin):
    list_display = ("raw", "reason", "participant", "meeting", "start_ms", "created_at")
    list_filter = ("reason", "created_at")
    list_select_related = ("participant", "meeting")
    search_fields = ("raw", "reason", "participant__name", "meeting__title")
    date_hierarchy = "created_at"


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


class LanguageForm(forms.ModelForm):
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
    list_display = ("code", "name", "enabled", "scripts", "phrases_in_bag")
    list_filter = ("enabled",)
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("code", "name", "enabled")}),
        ("What the model is told", {"fields": ("prompt", "vocabulary")}),
        ("What may be written", {"fields": ("scripts",)}),
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(bag=Count("phrases"))
        return counted

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
