"""Which calls somebody has heard again."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

WHICH = {"mine": "My calls", "search": "Those of my calls that a search finds"}


class HearingForm(forms.Form):
    which = forms.ChoiceField(widget=forms.RadioSelect)
    query = forms.CharField(
        label="Words of the search",
        max_length=500,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        labels = dict(WHICH)
        if user.is_superuser:
            labels |= {"search": "What a search finds", "all": "All calls of this site"}
        field: Any = self.fields["which"]
        field.choices = list(labels.items())
        self.labels = labels

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("which") == "search" and not cleaned.get("query"):
            self.add_error("query", "Write what to search for")
        return cleaned

    @property
    def told(self) -> str:
        """What was chosen, for people."""
        which, query = self.cleaned_data["which"], self.cleaned_data["query"]
        return f"Search: {query}" if which == "search" else self.labels[which]
