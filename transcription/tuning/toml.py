"""Languages and their phrases as TOML, for version control.

[en]
name = "English"
vocabulary = ["Acme", "CRM"]
phrases = {certain = ["Thanks for watching."], ambiguous = ["you"], keep = []}
"""

import tomllib
from typing import Annotated, Any

import tomli_w
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from pydantic import AfterValidator, BaseModel, FiniteFloat
from pydantic import ValidationError as Invalid

from transcription.models import Configuration, Language, Phrase
from transcription.speech.filters.normal import normal
from transcription.tuning import bags, listening


def _without_null(text: str) -> str:
    if "\0" in text:
        raise ValueError("a null character is no text")
    return text


Text = Annotated[str, AfterValidator(_without_null)]


class Phrases(BaseModel, extra="forbid", strict=True):
    """The phrases of each tier."""

    certain: list[str] = []
    ambiguous: list[str] = []
    keep: list[str] = []


class Table(BaseModel, extra="forbid", strict=True):
    """What a file may say of a language; what it does not name stays."""

    name: Text = ""
    prompt: Text = ""
    enabled: bool = True
    vocabulary: list[Text] = []
    scripts: list[Text] = []
    fillers: list[Text] = []
    backchannels: list[Text] = []
    weak_speech: FiniteFloat = 0.0
    weak_probability: FiniteFloat = 0.0
    weak_no_speech: FiniteFloat = 0.0
    phrases: Phrases = Phrases()


EXPECTED = {  # in the words of TOML, where Pydantic has Python's
    "model_type": "expected a table",
    "list_type": "expected a list",
    "string_type": "expected a string",
    "bool_type": "expected true or false",
    "float_type": "expected a number",
    "finite_number": "expected a number",
}
LISTS = ("vocabulary", "fillers", "backchannels")  # a line each, in the row
FIELDS = [name for name in Table.model_fields if name != "phrases"]


class TOMLError(ValueError):
    """A file that is not taken; the text names the language and the field."""


def dump() -> str:
    """All languages with all they hold."""
    rows = Language.objects.order_by("code")
    return tomli_w.dumps({row.code: _table(row) for row in rows})


def _table(row: Language) -> dict[str, Any]:
    table: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    table |= {name: getattr(row, name).splitlines() for name in LISTS}
    phrases: dict[str, list[str]] = {tier: [] for tier in Phrase.Tier.values}
    for tier, phrase in row.phrases.order_by("normal").values_list("tier", "phrase"):
        phrases[tier].append(phrase)
    return {**table, "phrases": phrases}


def load(text: str) -> list[str]:
    """Take a file over and publish it; returns the codes of its languages.

    What it does not name stays: languages, fields, tiers. A tier that it names holds
    what it lists and nothing else. Raises TOMLError, and then nothing is changed.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TOMLError(f"no TOML: {error}") from error
    with transaction.atomic():
        for code, table in document.items():
            _take(code, table)
        Configuration.publish()
    return list(document)


def _take(code: str, table: Any) -> None:
    given = _checked(code, table)
    known = Language.objects.filter(code=code.strip().lower())
    row = known.first() or Language(code=code)
    for name in given.model_fields_set - {"phrases"}:
        value = getattr(given, name)
        setattr(row, name, "\n".join(value) if name in LISTS else value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise TOMLError(f"{code}: {_reasons(error)}") from None
    is_new = row.pk is None
    row.save()
    if is_new:
        bags.sow(row)
        listening.sow(row)
    _take_phrases(row, given.phrases)


def _checked(code: str, table: Any) -> Table:
    if not isinstance(table, dict):
        raise TOMLError(f"{code}: expected a table, [{code}]")
    try:
        return Table.model_validate(table)
    except Invalid as error:
        raise TOMLError(f"{code}: {_first(error)}") from None


def _first(error: Invalid) -> str:
    """Where the first fault is, and what is expected there."""
    fault = error.errors(include_url=False, include_input=False)[0]
    *path, name = map(str, fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = (Phrases if path else Table).model_fields
        return ": ".join([*path, f"no field {name!r}; there are: {', '.join(known)}"])
    reason = EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return ": ".join([*path, name, reason])


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        " ".join(reasons if name == NON_FIELD_ERRORS else [f"{name}:", *reasons])
        for name, reasons in error.message_dict.items()
    )


def _take_phrases(language: Language, given: Phrases) -> None:
    named = [tier for tier in Phrases.model_fields if tier in given.model_fields_set]
    tiers = {tier: getattr(given, tier) for tier in named}
    tier_of = _tiers(language.code, tiers)
    rows = bags.rows_of(language)
    gone = [r.pk for k, r in rows.items() if k not in tier_of and r.tier in tiers]
    for start in range(0, len(gone), bags.BATCH):
        Phrase.objects.filter(pk__in=gone[start : start + bags.BATCH]).delete()
    for key, (tier, phrase) in tier_of.items():
        row = rows.setdefault(
            key,
            Phrase(language=language, normal=key, source=Phrase.Source.IMPORT),
        )
        row.phrase, row.tier = phrase, tier
    bags.save(rows[key] for key in tier_of)


def _tiers(code: str, tiers: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    """(tier, phrase) of each phrase that a file names, by what it is compared by."""
    found: dict[str, tuple[str, str]] = {}
    for tier, phrases in tiers.items():
        for phrase in phrases:
            key = normal(phrase)
            if not bags.Entry(phrase).fits:
                raise TOMLError(
                    f"{code}: phrases: {tier}: {phrase!r} has no word, or more than "
                    f"{bags.LONGEST} characters, or a null character"
                )
            if key in found:
                first = f"{found[key][1]!r} in {found[key][0]}"
                raise TOMLError(f"{code}: phrases: {tier}: {phrase!r} is {first} too")
            found[key] = (tier, phrase)
    return found
