"""People of calls: who they are, what they agreed to, how guests come in."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meetings import services, taps
from meetings.admin.rows import LanguageChoice, LogAdmin, deletion_of
from meetings.models import (
    ConsentChoice,
    Erasure,
    GuestLink,
    Meeting,
    Participant,
)
from meetings.recordings import erasure


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
        return request.user.has_perm(deletion_of(Participant))

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
