"""What an administrator sees and does: meetings, people, files, jobs."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meetings import jobs, languages, services, taps
from meetings.models import (
    ConsentChoice,
    Erasure,
    GuestLink,
    Job,
    Meeting,
    Participant,
    Track,
)
from meetings.recordings import erasure, retention
from meetings.rooms import orders
from meetings.times import clock


class LogAdmin(admin.ModelAdmin):
    """Rows that are written by the product and only read by people."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def length(row: Any) -> str:
    """A duration as 38:02 or 1:02:07."""
    return clock(row.duration_ms)


length.short_description = "Length"  # type: ignore[attr-defined]


class LanguageChoice(admin.options.BaseModelAdmin):
    """A language is chosen by its name."""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name != "language":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return forms.ChoiceField(choices=languages.choices, required=False)


class ParticipantInline(LanguageChoice, admin.TabularInline):
    model = Participant
    fields = ("name", "user", "side", "consent", "language", "joined_at", "left_at")
    readonly_fields = (
        "consent",
        "joined_at",
        "left_at",
    )  # people choose for themselves
    raw_id_fields = ("user",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class JobInline(admin.TabularInline):
    model = Job
    fields = readonly_fields = ("kind", "state", "progress", "error", "created_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def request_again(kind: str, label: str) -> Callable[..., None]:
    """An admin action that queues job ``kind`` for ended meetings."""

    def action(
        model_admin: admin.ModelAdmin,
        request: HttpRequest,
        queryset: QuerySet[Meeting],
    ) -> None:
        ended = queryset.filter(state=Meeting.State.ENDED)
        count = len([jobs.request(kind, meeting) for meeting in ended])
        messages.info(request, f"{label}: {count} queued.")

    action.__name__ = f"request_{kind}"
    action.short_description = label  # type: ignore[attr-defined]
    return action


@admin.action(description="End the meeting")
def end(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Meeting],
) -> None:
    open_states = (Meeting.State.OPEN, Meeting.State.LIVE)
    running = queryset.filter(state__in=open_states)
    count = 0
    for meeting in running:
        try:
            count += services.end_meeting(meeting)
        except orders.NotDone:
            text = f"{meeting} could not be ended: its call does not answer. Try again."
            messages.error(request, text)
    messages.info(request, f"{count} ended.")


def _deletion(model: Any) -> str:
    """The permission to delete rows of a model."""
    options = model._meta
    return f"{options.app_label}.{get_permission_codename('delete', options)}"


@admin.register(Meeting)
class MeetingAdmin(LanguageChoice, admin.ModelAdmin):
    list_display = (
        "name",
        "code",
        "owner",
        "state",
        "visibility",
        "created_at",
        length,
    )
    list_filter = ("state", "visibility", "recovered", "created_at", "owner")
    list_select_related = ("owner",)
    search_fields = ("title", "code", "account", "owner__email", "participants__name")
    date_hierarchy = "created_at"
    autocomplete_fields = ("owner",)
    readonly_fields = (
        *("code", "page", "state", "created_at", "started_at", "ended_at"),
        *("lasts", "recovered"),
    )
    fields = ("title", "owner", "account", "visibility", "language", *readonly_fields)
    inlines = (ParticipantInline, JobInline)
    actions = (
        end,
        request_again("compose", "Mix the recording again"),
        request_again("second_pass", "Run the second pass again"),
        request_again("index", "Rebuild the search index"),
    )

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        taps.language_changed.publish()  # of the meeting or of a person in it

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A meeting goes with its logs, too, which nobody may thin out, once it is over
        and by who may delete all the rest."""
        told = super().get_deleted_objects(objs, request)
        deletable, counts, refused, protected = told
        lacking = {
            str(model._meta.verbose_name)
            for model in apps.get_models()
            if not request.user.has_perm(_deletion(model))
        }
        goes_on = (Meeting.State.LIVE, Meeting.State.IMPORTING)
        first = [f"{m}: end the meeting first" for m in objs if m.state in goes_on]
        return deletable, counts, set(refused) & lacking, [*protected, *first]

    def delete_model(self, request: HttpRequest, obj: Meeting) -> None:
        retention.delete(obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Meeting]
    ) -> None:
        for meeting in queryset:
            retention.delete(meeting)

    @admin.display(description="Length")
    def lasts(self, meeting: Meeting) -> str:
        return length(meeting)

    @admin.display(description="Page")
    def page(self, meeting: Meeting) -> SafeString:
        return format_html('<a href="{}">Open</a>', meeting.get_absolute_url())


@admin.action(description="Delete what is kept of this person", permissions=["erase"])
def erase(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Participant],
) -> HttpResponse | None:
    if "sure" not in request.POST:
        return _ask(model_admin, request, queryset)
    for person in queryset.select_related("meeting"):
        name = f"{person.name} ({person.meeting})"
        try:
            erasure.erase(person, cast(User, request.user))
        except erasure.NotNow as reason:
            messages.error(request, f"{name}: {reason}")
        else:
            text = f"What was kept of {name} is deleted; the recording is mixed anew."
            messages.success(request, text)
    return None


def _ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    people: QuerySet[Participant],
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Delete what is kept of this person",
        "people": people.select_related("meeting").prefetch_related("tracks"),
        "opts": model_admin.model._meta,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return render(request, "admin/meetings/participant/erase.html", context)


@admin.register(Participant)
class ParticipantAdmin(LanguageChoice, admin.ModelAdmin):
    actions = (erase,)
    list_display = (
        "name",
        "meeting",
        "side",
        "consent",
        "user",
        "joined_at",
        "left_at",
        "removed_at",
    )
    list_filter = ("side", "consent", "joined_at")
    list_select_related = ("meeting", "user")
    search_fields = ("name", "user__email", "meeting__title", "meeting__code")
    date_hierarchy = "joined_at"
    raw_id_fields = ("meeting", "user")
    readonly_fields = ("consent", "joined_at", "entered_at", "left_at", "removed_at")
    fields = ("name", "meeting", "user", "side", "language", *readonly_fields)
    change_form_template = "admin/meetings/participant/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # their sound would stay on the disk and in the mix: erase

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people come by the room or by an import

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(_deletion(Participant))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        known = Participant.objects.filter(pk=object_id, erased_at=None).exists()
        context = {"may_erase": known and self.has_erase_permission(request)}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def save_model(
        self, request: HttpRequest, obj: Participant, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if "language" in form.changed_data:
            taps.language_changed.publish()


@admin.register(Erasure)
class ErasureAdmin(LogAdmin):
    list_display = ("asked_at", "code", "by_name", "rows", "files", "done_at")
    list_filter = ("asked_at",)
    search_fields = ("code", "by_name")
    date_hierarchy = "asked_at"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ConsentChoice)
class ConsentChoiceAdmin(LogAdmin):
    list_display = ("participant", "meeting", "choice", "way", "text_version", "at")
    list_filter = ("choice", "way", "text_version", "language")
    list_select_related = ("participant__meeting",)
    search_fields = ("participant__name", "participant__meeting__title")
    date_hierarchy = "at"

    @admin.display(ordering="participant__meeting")
    def meeting(self, choice: ConsentChoice) -> Meeting:
        return choice.participant.meeting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.action(description="Revoke the link")
def revoke(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[GuestLink],
) -> None:
    messages.info(request, f"{services.revoke_links(queryset)} revoked.")


@admin.register(GuestLink)
class GuestLinkAdmin(LogAdmin):
    list_display = (
        *("meeting", "created_by", "created_at"),
        *("expires_at", "closed_at", "revoked_at"),
    )
    list_filter = (
        "created_at",
        "expires_at",
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("meeting", "created_by")
    search_fields = ("meeting__title", "meeting__code", "created_by__email")
    date_hierarchy = "created_at"
    actions = (revoke,)


@admin.register(Track)
class TrackAdmin(LogAdmin):
    list_display = (
        *("participant", "begins", length, "state", "source", "note", "meeting"),
    )
    list_filter = ("state", "source", "created_at")
    list_select_related = ("participant__meeting",)
    search_fields = ("participant__name", "participant__meeting__title", "note")
    date_hierarchy = "created_at"

    @admin.display(description="From", ordering="offset_ms")
    def begins(self, track: Track) -> str:
        return clock(track.offset_ms)

    @admin.display(ordering="participant__meeting")
    def meeting(self, track: Track) -> Meeting:
        return track.participant.meeting


@admin.action(description="Try failed jobs again")
def retry(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Job]
) -> None:
    count = sum(jobs.retry(job) for job in queryset)
    messages.info(request, f"{count} queued.")


@admin.register(Job)
class JobAdmin(LogAdmin):
    list_display = ("kind", "state", "done", "error", "meeting", "created_at")
    list_filter = ("state", "kind", "created_at")
    list_select_related = ("meeting",)
    search_fields = ("kind", "error", "meeting__title", "meeting__code")
    date_hierarchy = "created_at"
    actions = (retry,)

    @admin.display(description="Progress", ordering="progress")
    def done(self, job: Job) -> str:
        return f"{job.progress:.0%}"
