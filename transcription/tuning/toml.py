"""Languages and their phrases as TOML, for version control.

[en]
name = "English"
vocabulary = ["Acme", "CRM"]
phrases = {certain = ["Thanks for watching."], ambiguous = ["you"], keep = []}
"""

import tomllib
from collections.abc import Mapping
from math import isfinite
from typing import Any

import tomli_w
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from transcription.models import Configuration, Language, Phrase
from transcription.speech.filters.normal import normal
from transcription.tuning import bags

TEXTS = ("name", "prompt")
LISTS = ("vocabulary", "scripts")
NUMBERS = ("weak_speech", "weak_probability", "weak_no_speech")
FIELDS = (*TEXTS, "enabled", *LISTS, *NUMBERS)


class TOMLError(ValueError):
    """A file that is not taken; the text names the language and the field."""


def dump() -> str:
    """All languages with all they hold."""
    rows = Language.objects.order_by("code")
    return tomli_w.dumps({row.code: _table(row) for row in rows})


def _table(row: Language) -> dict[str, Any]:
    table: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    table["vocabulary"] = row.vocabulary.splitlines()
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
    if not isinstance(table, dict):
        raise TOMLError(f"{code}: expected a table, [{code}]")
    known = Language.objects.filter(code=code.strip().lower())
    row = known.first() or Language(code=code)
    for name, value in table.items():
        if name != "phrases":
            setattr(row, name, _checked(code, name, value))
    try:
        row.full_clean()
    except ValidationError as error:
        raise TOMLError(f"{code}: {_reasons(error)}") from None
    is_new = row.pk is None
    row.save()
    if is_new:
        bags.sow(row)
    _take_phrases(row, table.get("phrases", {}))


def _checked(code: str, name: str, value: Any) -> Any:
    """A field's value, of the type that the field has."""
    if name not in FIELDS:
        raise TOMLError(f"{code}: no field {name!r}; there are: {', '.join(FIELDS)}")
    if name in NUMBERS and not _is_number(value):
        raise TOMLError(f"{code}: {name}: expected a number, not {value!r}")
    if name in LISTS and not _is_texts(value):
        raise TOMLError(f"{code}: {name}: expected a list of strings, not {value!r}")
    if name in TEXTS and not isinstance(value, str):
        raise TOMLError(f"{code}: {name}: expected a string, not {value!r}")
    if "\0" in str(value):
        raise TOMLError(f"{code}: {name}: a null character is no text")
    if name == "enabled" and not isinstance(value, bool):
        raise TOMLError(f"{code}: {name}: expected true or false, not {value!r}")
    return "\n".join(value) if name == "vocabulary" else value


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return is_number and isfinite(value)
    except OverflowError:  # 400 digits
        return False


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        " ".join(reasons if name == NON_FIELD_ERRORS else [f"{name}:", *reasons])
        for name, reasons in error.message_dict.items()
    )


def _take_phrases(language: Language, tiers: Any) -> None:
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


def _tiers(code: str, tiers: Any) -> Mapping[str, tuple[str, str]]:
    """(tier, phrase) of each phrase that a file names, by what it is compared by."""
    if not isinstance(tiers, dict):
        raise TOMLError(f"{code}: phrases: expected a table of tiers")
    found: dict[str, tuple[str, str]] = {}
    for tier, phrases in tiers.items():
        if tier not in Phrase.Tier.values or not _is_texts(phrases):
            known = ", ".join(Phrase.Tier.values)
            raise TOMLError(f"{code}: phrases: {tier}: expected lists in: {known}")
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
