"""The rows of languages, compiled; every process takes a change over within a second.

One small query four times a second asks for the version: no message can get lost, and
it works while Redis is away.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog
from django.db import DatabaseError, close_old_connections, connection

from transcription.models import Configuration, Language, Phrase
from transcription.speech.filters import Rules
from transcription.speech.filters.bag import Bag
from transcription.speech.filters.seed import starter_rules

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Snapshot:
    """All that is tuned, as of one version; replaced as a whole."""

    version: int = 0
    model: str = ""
    allowed: tuple[str, ...] = ()  # languages that may be detected
    rules: dict[str, Rules] = field(default_factory=dict)


_now = Snapshot()
_lock = threading.Lock()


def load() -> Snapshot:
    """Read and compile every row."""
    configuration = Configuration.now()
    rows = list(Language.objects.all())
    return Snapshot(
        configuration.version,
        configuration.model,
        tuple(row.code for row in rows if row.enabled),
        {row.code: rules_of(row, configuration.version) for row in rows},
    )


def rules_of(row: Language, version: int) -> Rules:
    phrases: dict[str, list[str]] = {tier: [] for tier in Phrase.Tier.values}
    for tier, phrase in row.phrases.values_list("tier", "phrase"):
        phrases[tier].append(phrase)
    return Rules(
        language=row.code,
        scripts=tuple(row.scripts),
        bag=Bag.of(
            phrases[Phrase.Tier.CERTAIN],
            phrases[Phrase.Tier.AMBIGUOUS],
            phrases[Phrase.Tier.KEEP],
        ),
        prompt=row.prompt.strip(),
        vocabulary=tuple(w.strip() for w in row.vocabulary.splitlines() if w.strip()),
        weak_speech=row.weak_speech,
        weak_probability=row.weak_probability,
        weak_no_speech=row.weak_no_speech,
        version=version,
    )


def current() -> Snapshot:
    """What holds now; read on first use."""
    global _now
    if _now.version:  # without the lock: a large bag may be compiling under it
        return _now
    with _lock:
        if not _now.version:
            _now = load()
        return _now


def version() -> int:
    """Of what holds now; 0 before the first use. Asks no database."""
    return _now.version


def rules_for(language: str) -> Rules:
    """The rules of one language; without a row its starter bag holds."""
    now = _now
    return now.rules.get(language) or replace(
        starter_rules(language), version=now.version
    )


def offered() -> list[tuple[str, str]]:
    """The languages that are captioned here: [(code, name)], by name."""
    rows = Language.objects.filter(enabled=True).values_list("code", "name")
    return sorted(((code, name or code) for code, name in rows), key=lambda row: row[1])


def look() -> tuple[Snapshot, Snapshot] | None:
    """(before, after) when another version was taken over just now, else None."""
    global _now
    row = (
        Configuration.objects.filter(pk=1).values_list("version", "changed_at").first()
    )
    if row is None or row[0] == _now.version:
        return None
    with _lock:
        before, _now = _now, load()
    passed = time.time() - row[1].timestamp()
    log.info("tuning taken over", version=_now.version, after_s=round(passed, 3))
    return before, _now


def watch(
    stopping: threading.Event, taken_over: Callable[[Snapshot, Snapshot], None]
) -> None:
    """The thread that takes changes over until ``stopping``; a fault keeps the old.

    Those who are told of a change ask the database, too: while it is away they are told
    again, of all that has changed since they last understood.
    """
    before: Snapshot | None = None  # what was last understood, when that is not _now
    while not stopping.wait(LOOK_SECONDS):
        try:
            if change := look():
                before = before or change[0]
            if before:
                taken_over(before, _now)
        except DatabaseError as error:
            log.warning("tuning cannot be read, the old holds", error=str(error))
            close_old_connections()
            continue
        except Exception:
            log.exception("a change was not taken over, the old holds")
        before = None
    connection.close()
