"""Names and titles that people type: one line of what can be seen."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Text = models.CharField[str, str]
else:
    Text = models.CharField

# Controls, ends of lines and halves of a surrogate pair separate words. Format marks
# turn the line around or hide in it, all but the two joiners: Persian and Hindi are
# spelled with them, and families of emoji are made by them.
BREAKS = ("Cc", "Zl", "Zp", "Cs")
JOINERS = "\u200c\u200d"
STRAY_JOINERS = re.compile(rf"(?<![^\s{JOINERS}])[{JOINERS}]+|[{JOINERS}]+(?=\s|$)")


def one_line(text: str) -> str:
    """``text`` without what cannot be seen; empty when nothing can."""
    shown = "".join(_shown(letter) for letter in text)
    return " ".join(STRAY_JOINERS.sub("", shown).split())


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in BREAKS:
        return " "
    return "" if category == "Cf" and letter not in JOINERS else letter


def initials_of(name: str) -> str:
    """Two letters at most for a face without a picture; "?" where there is none.

    The first letter or digit of each word counts, whatever stands before it; a name
    of signs alone is shown by its first sign with the marks that belong to it.
    """
    firsts = [next(filter(str.isalnum, word), "") for word in name.split()]
    letters = [first for first in firsts if first][:2]
    return "".join(letters).upper()[:2] or _first_sign(name) or "?"


def _first_sign(text: str) -> str:
    """``text`` up to where its second sign begins: a family of emoji is one."""
    sign = text[:1]
    for letter in text[1:]:
        joined = letter in JOINERS or sign[-1] in JOINERS
        if not (joined or _belongs_to_a_sign(letter)):
            break
        sign += letter
    return sign


def _belongs_to_a_sign(letter: str) -> bool:
    """Combining marks, variation selectors and colours of skin."""
    return unicodedata.category(letter) in ("Mn", "Me", "Sk")


class NameField(Text):
    """A CharField that keeps one line, whoever writes it: page, admin or command."""

    def to_python(self, value: Any) -> Any:
        return _cleaned(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return _cleaned(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = _cleaned(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        """A CharField to migrations: the column is the same."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def _cleaned(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value


RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")  # on Windows
MOST_BYTES = 150  # of a file's name without its suffix: folders and archives add theirs


def file_name(name: str, suffix: str) -> str:
    """``name`` as a file can be called on any system, with ``suffix`` (".m4a")."""
    plain = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "-", one_line(name))
    composed = unicodedata.normalize("NFC", plain).encode()[:MOST_BYTES]
    short = composed.decode(errors="ignore").strip(" .-" + JOINERS)
    safe = f"_{short}" if RESERVED.match(short) else short
    return (safe or "call") + suffix
