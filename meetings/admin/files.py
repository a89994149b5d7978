"""What is kept of a call, and what sends into it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from meetings.admin.rows import LogAdmin, length
from meetings.models import (
    ChatMessage,
    Meeting,
    Outlet,
    Source,
    Track,
)
from meetings.rooms import orders
from meetings.sources import outlets
from meetings.sources import services as sources
from meetings.times import clock


@admin.action(description="Stop: out of the call until the host starts it again")
def stop_sources(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Source]
) -> None:
    for source in queryset.select_related("participant", "meeting"):
        try:
            sources.stop(source)
        except orders.NotDone:
            text = f"{source} is to stop, but its call does not answer. Look again."
            messages.error(request, text)
        else:
            messages.info(request, f"{source} is stopped.")


@admin.register(Source)
class SourceAdmin(LogAdmin):
    list_display = (
        *("participant", "kind", "state", "reason", "wanted", "meeting"),
        *("created_by", "created_at", "expires_at"),
    )
    list_filter = ("state", "kind", "wanted", "created_at")
    list_select_related = ("participant", "meeting", "created_by")
    search_fields = ("participant__name", "meeting__title", "meeting__code")
    date_hierarchy = "created_at"
    exclude = ("url",)  # it may carry a password
    actions = (stop_sources,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it may be in a call: stop it, the host removes it


@admin.action(description="Take back: nobody plays the call by it any more")
def take_back_outlets(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Outlet]
) -> None:
    for outlet in queryset.select_related("meeting"):
        try:
            outlets.take_back(outlet)
        except orders.NotDone:
            text = f"{outlet} opens nothing now, but who plays it may still be in."
            messages.error(request, text)
        else:
            messages.info(request, f"{outlet} is taken back.")


@admin.register(Outlet)
class OutletAdmin(LogAdmin):
    list_display = (
        *("meeting", "kind", "usable", "playing", "created_by"),
        *("created_at", "expires_at"),
    )
    list_filter = ("kind", "created_at")
    list_select_related = ("meeting", "created_by")
    search_fields = ("meeting__title", "meeting__code", "created_by__email")
    date_hierarchy = "created_at"
    exclude = ("id",)  # the token is made of it
    actions = (take_back_outlets,)

    @admin.display(description="Opens the call", boolean=True)
    def usable(self, outlet: Outlet) -> bool:
        return outlet.is_usable

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # somebody may be playing it: take it back


@admin.register(Track)
class TrackAdmin(LogAdmin):
    list_display = (
        *("participant", "begins", length, "state", "source", "note", "meeting"),
    )
    list_filter = ("state", "source", "handed_in", "created_at")
    list_select_related = ("participant__meeting",)
    search_fields = ("participant__name", "participant__meeting__title", "note")
    date_hierarchy = "created_at"

    @admin.display(description="From", ordering="offset_ms")
    def begins(self, track: Track) -> str:
        return clock(track.offset_ms)

    @admin.display(ordering="participant__meeting")
    def meeting(self, track: Track) -> Meeting:
        return track.participant.meeting


@admin.register(ChatMessage)
class ChatMessageAdmin(LogAdmin):
    list_display = ("participant", "at", "text", "meeting")
    list_filter = ("created_at",)
    list_select_related = ("participant__meeting",)
    search_fields = ("text", "participant__name", "participant__meeting__title")
    date_hierarchy = "created_at"

    @admin.display(description="At", ordering="at_ms")
    def at(self, message: ChatMessage) -> str:
        return clock(message.at_ms)

    @admin.display(ordering="participant__meeting")
    def meeting(self, message: ChatMessage) -> Meeting:
        return message.participant.meeting
