"""What people type before a call."""

from typing import Any

from django import forms

from meetings.models import Participant
from meetings.models.names import one_line
from meetings.models.participant import SOUND_TEXT, WITH_VIDEO


class OneLine(forms.CharField):
    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class MeetingForm(forms.Form):
    title = OneLine(max_length=200, required=False)


class WordsForm(forms.Form):
    """What is agreed to by words that a page has shown."""

    text = forms.CharField(required=False)  # their version

    def clean_text(self) -> str:
        """Whoever was not shown the words about video has not agreed to it."""
        text = self.cleaned_data["text"]
        return text if text in WITH_VIDEO else SOUND_TEXT


class ChoiceForm(WordsForm):
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
