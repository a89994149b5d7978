"""Calls, and the jobs that are at work on them."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meetings import jobs, services, taps
from meetings.admin.rows import (
    LanguageChoice,
    LogAdmin,
    NamedCells,
    deletion_of,
    length,
)
from meetings.events import announce
from meetings.models import (
    Job,
    Meeting,
    Participant,
)
from meetings.recordings import retention
from meetings.rooms import orders


class ParticipantInline(NamedCells, LanguageChoice, admin.TabularInline):
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
    search_fields = (
        "title",
        "code",
        "account__name",
        "owner__email",
        "participants__name",
    )
    date_hierarchy = "created_at"
    autocomplete_fields = ("owner",)
    raw_id_fields = ("account",)  # an empty box that completes has no name to read
    readonly_fields = (
        *("code", "page", "state", "created_at", "started_at", "ended_at"),
        *("lasts", "recovered"),
    )
    fields = (
        *("title", "owner", "account", "visibility", "language"),
        *("record_video", "waiting_room"),
        *readonly_fields,
    )
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
        announce(form.instance.pk, {"type": "meeting"})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A meeting goes with its logs, too, which nobody may thin out, once it is over
        and by who may delete all the rest."""
        told = super().get_deleted_objects(objs, request)
        deletable, counts, refused, protected = told
        lacking = {
            str(model._meta.verbose_name)
            for model in apps.get_models()
            if not request.user.has_perm(deletion_of(model))
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
