"""What lists and forms of all our rows share."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.http import HttpRequest
from django.utils.text import capfirst

from meetings import languages
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


class NamedCells(admin.options.BaseModelAdmin):
    """The field in each cell of a table has its column's name for screen readers."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.widget is not None:
            widget: Any = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field


def deletion_of(model: Any) -> str:
    """The permission to delete rows of a model."""
    options = model._meta
    return f"{options.app_label}.{get_permission_codename('delete', options)}"
