"""What people type before a call."""

from typing import Any

from django import forms

from meetings.models import Participant
from meetings.models.names import one_line


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


class SpokenLanguageForm(forms.ModelForm):
    """What a person speaks; empty: detected."""

    class Meta:
        model = Participant
        fields = ("language",)


class JoinForm(ChoiceForm):
    name = OneLine(
        max_length=80, error_messages={"required": "Type the name others will see."}
    )
