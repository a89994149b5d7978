"""What a page says of the files that it sent: read, and refused where it cannot be."""

import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils import timezone

from meetings import languages
from meetings.imports.about import MOST_PEOPLE, Ground
from meetings.imports.dates import is_real
from meetings.imports.refused import Refused
from meetings.imports.services import ImportChoice, Voice, numbers, voices
from meetings.models.names import one_line


def choice_of(form: QueryDict) -> ImportChoice:
    """stereo=split, tracks, person and side of each voice, people (JSON), account,
    language, held_at and held_else (ISO 8601), again=1. Raises Refused."""
    return ImportChoice(
        split_stereo=form.get("stereo") == "split",
        tracks=numbers(form.get("tracks", "")),
        language=_language(form.get("language", "")),
        voices=voices(form.getlist("person"), form.getlist("side")),
        people=_people(form.get("people", "")),
        account=one_line(form.get("account", ""))[:200],
        held_at=moment_of(form.get("held_at", "")),
        held_else=moment_of(form.get("held_else", "")),
        again=form.get("again") == "1",
    )


def ground() -> Ground:
    """What descriptions are judged by, now and here."""
    codes = languages.known | {code for code, _ in languages.offered()}
    zone = timezone.get_current_timezone()
    return Ground(zone, timezone.now(), frozenset(codes))


def _language(code: str) -> str:
    try:
        languages.check_language(code)
    except ValidationError as wrong:
        if code:
            raise Refused("bad_language", wrong.messages[0]) from None
    return code[:12]


def moment_of(text: str) -> datetime | None:
    """A moment as pages send it; None for nothing. Raises Refused."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_date() from None
    if moment.tzinfo is None:
        moment = timezone.make_aware(moment)
    if not is_real(moment, timezone.now()):
        raise _no_date()
    return moment


def _no_date() -> Refused:
    return Refused("bad_date", "A call cannot have been held then.")


def _people(text: str) -> tuple[Voice, ...]:
    try:
        told = json.loads(text) if text else []
        return tuple(_person(one) for one in told[:MOST_PEOPLE])
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("bad_people", "People are a list of names.") from None


def _person(told: dict[str, Any]) -> Voice:
    email = one_line(str(told.get("email") or ""))
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    [voice] = voices([str(told["name"])], [str(told.get("side") or "")])
    if not voice.name:
        raise ValueError
    return Voice(voice.name, voice.side, email)
