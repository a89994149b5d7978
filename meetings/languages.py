"""Languages that people may be said to speak; the chapter that hears them fills it."""

from collections.abc import Callable

from django.core.exceptions import ValidationError

known: set[str] = set()  # codes
# Where the chapter above says which it captions: [(code, name)], by name.
offer: list[Callable[[], list[tuple[str, str]]]] = []


def offered() -> list[tuple[str, str]]:
    """What people may choose from in the room."""
    return [entry for source in offer for entry in source()]


def check_language(code: str) -> None:
    """A validator: a code that captions can be written in."""
    if known and code not in known:
        raise ValidationError(f"{code!r} is no language code, such as en or fr")
