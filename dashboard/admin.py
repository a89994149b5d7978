"""The rows that search reads."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dashboard.models import Turn


@admin.register(Turn)
class TurnAdmin(admin.ModelAdmin):
    list_display = ("participant", "meeting", "start_ms", "text")
    list_filter = ("meeting__created_at",)
    list_select_related = ("participant", "meeting")
    search_fields = ("text", "participant__name", "meeting__title", "meeting__code")
    date_hierarchy = "meeting__created_at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the admin's log would quote what is deleted
