"""What people say of a source they add."""

from typing import Any
from urllib.parse import urlsplit

from django import forms

from meetings.models import Source
from meetings.rooms.forms import OneLine, WordsForm
from meetings.sources import srt_address

SCHEMES = {
    Source.Kind.HLS.value: ("https", "http"),
    Source.Kind.SRT.value: ("srt",),
}
NAMES = {
    Source.Kind.WHIP.value: "Stream",
    Source.Kind.HLS.value: "HLS stream",
    Source.Kind.SRT.value: "SRT stream",
}

KINDS = [(kind, name) for kind, name in Source.Kind.choices if kind in NAMES]


class SourceForm(WordsForm):
    """Kind, name and, for what is pulled, the address. SRT without one calls us."""

    kind = forms.ChoiceField(
        choices=KINDS,
        error_messages={"required": "Choose how it comes in."},
    )
    name = OneLine(max_length=80, required=False)
    url = forms.CharField(max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        words = super().clean() or {}
        kind = words.get("kind", "")
        words["name"] = words.get("name") or NAMES.get(kind, "")
        schemes = SCHEMES.get(kind)
        if schemes is None:
            words["url"] = ""
        elif kind == Source.Kind.SRT and not words.get("url"):
            if why := srt_address.why_not():
                self.add_error("url", why)
        elif not _is_address(words.get("url", ""), schemes):
            self.add_error("url", f"The address has to begin with {schemes[0]}://.")
        return words


class TabForm(WordsForm):
    """Who is on the other side of a call in another tab, and that they know."""

    name = OneLine(max_length=80, required=False)
    told = forms.BooleanField(
        error_messages={"required": "Tell the people in that call, then tick this."}
    )

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or "The other side"


def _is_address(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname)
