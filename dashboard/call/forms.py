"""What the owner of a call may set."""

from django import forms

from meetings.models import Meeting


class CallForm(forms.ModelForm):
    class Meta:
        model = Meeting
        fields = ("title", "account", "visibility")
        labels = {"account": "Customer", "visibility": "Who sees it"}
        help_texts = {"account": ""}
        widgets = {
            "title": forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
            "account": forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
            "visibility": forms.RadioSelect,
        }
