"""What people type before a call."""

import unicodedata
from typing import Any

from django import forms

from meetings.models import Participant


def one_line(text: str) -> str:
    """Without what cannot be seen: controls and marks that turn the line around."""
    shown = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if unicodedata.category(c) != "Cf"
    )
    return " ".join(shown.split())


class OneLine(forms.CharField):
    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class MeetingForm(forms.Form):
    title = OneLine(max_length=200, required=False)


class ChoiceForm(forms.Form):
    choice = forms.ChoiceField(
        choices=Participant.Consent.choices,
        error_messages={"required": "Choose whether you are recorded."},
    )


class LanguageForm(forms.ModelForm):
    """What a person speaks; empty: detected."""

    class Meta:
        model = Participant
        fields = ("language",)


class JoinForm(ChoiceForm):
    name = OneLine(
        max_length=80, error_messages={"required": "Type the name others will see."}
    )
