"""What somebody may choose who takes calls out."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from dashboard.models import Export


class ExportForm(forms.ModelForm):
    """Which calls, and what of them besides the text."""

    class Meta:
        model = Export
        fields = ("scope", "query", "documents", "sound", "video")
        widgets = {"scope": forms.RadioSelect}

    query = forms.CharField(
        label="Words of the search",
        max_length=500,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        scope: Any = self.fields["scope"]
        labels = dict(Export.Scope.choices)
        del labels[Export.Scope.CALL]  # is asked for on its page
        if user.is_superuser:
            labels[Export.Scope.ALL] = "All calls of this site"
        scope.choices = list(labels.items())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("scope") == Export.Scope.SEARCH and not cleaned.get("query"):
            self.add_error("query", "Write what to search for")
        return cleaned
