"""The editor of a tracker, and of a saved search."""

from collections.abc import Mapping
from typing import Any

from django import forms

from dashboard.models import SavedSearch
from dashboard.models.saved_search import LONGEST_QUERY
from dashboard.search import parse
from meetings.models.names import one_line

from .wanted import LANGUAGES, LONGEST_PHRASE, MOST_PHRASES, Place, WantedPhrases, read

PHRASES = {code: f"phrases_{code or 'any'}" for code in LANGUAGES}
SAID_BY = [
    ("", "Anyone"),
    ("us", "Us"),
    ("them", "Customers"),
    ("person", "One person"),
]
PARTS = [("", "Anywhere"), ("first", "In the first"), ("last", "In the last")]
UNITS = [("minutes", "minutes"), ("percent", "percent")]
NOTHING = "Enter a phrase to look for."
TOO_MANY = (
    "{count} phrases are too many: {most} at most, those that are left out with them."
)
TOO_LONG = "“{start} …” is too long: {most} characters at most."
FINDS_CALLS = "It finds calls and nothing that is said in them: there are no hits."
WITHOUT_LETTERS = "“{phrase}” has no letter and no digit to look for."


class PhrasesField(forms.CharField):
    """One phrase a line; each once."""

    widget = forms.Textarea(attrs={"rows": 3, "dir": "auto", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = (one_line(line) for line in str(value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: list[str]) -> None:
        """None is none: the form says so where there has to be one."""

    def run_validators(self, value: list[str]) -> None:
        """All at once, in the form."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class WantedForm(forms.Form):
    """What is looked for. ``wanted`` is there when the form is valid."""

    phrases_any = PhrasesField(label=LANGUAGES[""], required=False)
    phrases_en = PhrasesField(label=LANGUAGES["en"], required=False)
    phrases_fr = PhrasesField(label=LANGUAGES["fr"], required=False)
    phrases_de = PhrasesField(label=LANGUAGES["de"], required=False)
    phrases_es = PhrasesField(label=LANGUAGES["es"], required=False)
    related = forms.BooleanField(label="Related word forms, too", required=False)
    without = PhrasesField(label="But not in", required=False)
    side = forms.ChoiceField(label="Said by", choices=SAID_BY, required=False)
    person = forms.CharField(label="Their name", max_length=80, required=False)
    question = forms.BooleanField(label="Only in questions", required=False)
    part = forms.ChoiceField(label="Where in the call", choices=PARTS, required=False)
    amount = forms.IntegerField(
        label="How much", min_value=1, max_value=600, required=False
    )
    unit = forms.ChoiceField(label="Of what", choices=UNITS, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        said = [*(data.get(name, []) for name in PHRASES.values())]
        self._check_phrases([*sum(said, []), *data.get("without", [])])
        if not any(said) and not self.errors:
            self.add_error(PHRASES[""], NOTHING)
        if data.get("side") == "person" and not data.get("person"):
            self.add_error("person", "Enter the name, as it stands in the calls.")
        if data.get("unit") == "percent" and (data.get("amount") or 0) > 100:
            self.add_error("amount", "100 percent are the whole call.")
        return data

    def _check_phrases(self, phrases: list[str]) -> None:
        """One error for all of them: the first that there is."""
        long = next((one for one in phrases if len(one) > LONGEST_PHRASE), None)
        if len(phrases) > MOST_PHRASES:
            error = TOO_MANY.format(count=f"{len(phrases):,}", most=MOST_PHRASES)
        elif long:
            error = TOO_LONG.format(start=long[:40], most=LONGEST_PHRASE)
        elif empty := next((p for p in phrases if not any(map(str.isalnum, p))), None):
            error = WITHOUT_LETTERS.format(phrase=empty)
        else:
            return
        self.add_error(None, error)

    @property
    def wanted(self) -> WantedPhrases:
        data = self.cleaned_data
        side = data["side"]
        place = Place(data["part"], data["amount"] or 10, data["unit"] == "percent")
        return WantedPhrases(
            {code: data[name] for code, name in PHRASES.items() if data[name]},
            data["without"],
            data["related"],
            "" if side == "person" else side,
            data["person"] if side == "person" else "",
            data["question"],
            place,
        )

    @property
    def languages(self) -> list[tuple[forms.BoundField, bool]]:
        """A field for each language, and whether there is something in it."""
        fields = [self[name] for name in PHRASES.values()]
        return [(field, bool(field.value() or field.errors)) for field in fields]


class NameForm(forms.ModelForm):
    """What a row is called, and who sees it."""

    class Meta:
        model = SavedSearch
        fields = ("name", "colour", "shared")
        labels = {"shared": "My team sees it and may change it"}
        help_texts = {"shared": ""}
        widgets = {
            "name": forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
            "colour": forms.RadioSelect(
                choices=[(n, f"Colour {n + 1}") for n in range(SavedSearch.HUES)]
            ),
        }

    def clean_colour(self) -> int:
        return int(self.cleaned_data["colour"]) % SavedSearch.HUES


class QueryForm(forms.Form):
    """A search as it is typed in the box, and whether its hits are kept."""

    query = forms.CharField(label="Search", max_length=LONGEST_QUERY)
    tracked = forms.BooleanField(
        label="Keep its hits: marks in calls, and alerts", required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("tracked") and not parse(data.get("query", "")).finds_turns:
            self.add_error("tracked", FINDS_CALLS)
        return data


def initial_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of WantedForm for what a row keeps."""
    wanted = read(form)
    return {
        **{name: wanted.phrases.get(code, ()) for code, name in PHRASES.items()},
        "without": wanted.without,
        "related": wanted.related,
        "side": "person" if wanted.person else wanted.side,
        "person": wanted.person,
        "question": wanted.question,
        "part": wanted.place.part,
        "amount": wanted.place.amount,
        "unit": "percent" if wanted.place.percent else "minutes",
    }
