"""Languages that people may be said to speak; the chapter that hears them fills it."""

from collections.abc import Callable
from typing import Any

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError

# English names of languages that a model knows and Django does not.
NAMES = {
    "am": "Amharic",
    "as": "Assamese",
    "ba": "Bashkir",
    "bo": "Tibetan",
    "fo": "Faroese",
    "gu": "Gujarati",
    "ha": "Hausa",
    "haw": "Hawaiian",
    "ht": "Haitian Creole",
    "jw": "Javanese",
    "la": "Latin",
    "ln": "Lingala",
    "lo": "Lao",
    "mg": "Malagasy",
    "mi": "Maori",
    "mt": "Maltese",
    "oc": "Occitan",
    "ps": "Pashto",
    "sa": "Sanskrit",
    "sd": "Sindhi",
    "si": "Sinhala",
    "sn": "Shona",
    "so": "Somali",
    "su": "Sundanese",
    "tl": "Tagalog",
    "yi": "Yiddish",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
}

known: set[str] = set()  # codes
# Where the chapter above says which it captions: [(code, name)], by name.
offer: list[Callable[[], list[tuple[str, str]]]] = []


def offered() -> list[tuple[str, str]]:
    """What people may choose from in the room."""
    return [entry for source in offer for entry in source()]


def choices() -> list[tuple[str, Any]]:
    """What a person may be said to speak, for a form: first what is offered here."""
    here = offered()
    rest = sorted(known - {code for code, _ in here}, key=name_of)
    others = [(code, name_of(code)) for code in rest]
    return [("", "Detected"), ("Captioned here", here), ("Others", others)]


def name_of(code: str) -> str:
    """English name of a language, its code where nobody knows one."""
    return str(NAMES.get(code) or LANG_INFO.get(code, {}).get("name", code))


def check_language(code: str) -> None:
    """A validator: a code that captions can be written in."""
    if known and code not in known:
        raise ValidationError(f"{code!r} is no language code, such as en or fr")
