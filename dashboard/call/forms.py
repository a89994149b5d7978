"""What the owner of a call may set."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.validators import ProhibitNullCharactersValidator

from meetings.models import Account, Meeting, Participant

OFFERED = 300  # names of accounts that the box proposes


class AccountInput(forms.TextInput):
    """A text box that proposes names of accounts; any other makes a new one."""

    template_name = "dashboard/_account_input.html"
    offered: list[str] = []

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "offered": self.offered}


class CallForm(forms.ModelForm):
    account = forms.CharField(
        label="Customer",
        required=False,
        max_length=200,
        widget=AccountInput(
            attrs={
                "dir": "auto",
                "autocomplete": "off",
                "list": "accounts",
            }
        ),
        validators=[ProhibitNullCharactersValidator()],
    )

    class Meta:
        model = Meeting
        fields = ("title", "visibility")
        labels = {"visibility": "Who sees it"}
        widgets = {
            "title": forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
            "visibility": forms.RadioSelect,
        }

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.user = user
        account = self.instance.account
        self.initial["account"] = account.name if account else ""
        seen = Account.objects.visible_to(user).values_list("name", flat=True)
        self.fields["account"].widget.offered = list(seen[:OFFERED])
        self.order_fields(["title", "account"])

    def save(self, commit: bool = True) -> Meeting:
        """Write what the form may change, and nothing else of the call."""
        meeting: Meeting = self.instance
        name = self.cleaned_data["account"]
        meeting.account = Account.objects.called(name, by=self.user)
        meeting.save(update_fields=["title", "account", "visibility"])
        return meeting


class PersonForm(forms.ModelForm):
    """Who somebody in a call was; who signed in has a name and an address of their
    own."""

    class Meta:
        model = Participant
        fields = ("name", "email", "side")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.instance.is_guest:
            del self.fields["name"], self.fields["email"]
