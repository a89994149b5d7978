"""Words by which people show that they think, or listen: what the statistics count."""

from collections.abc import Mapping
from dataclasses import dataclass

from transcription.models import Language

# What a language has at first. Whisper leaves many out: the count is a lower bound.
FILLERS: Mapping[str, tuple[str, ...]] = {
    "en": ("um", "uhm", "uh", "erm", "er", "hmm", "you know", "i mean"),
    "fr": ("euh", "heu", "hum", "bah", "tu vois", "vous voyez"),
    "de": ("äh", "ähm", "öh", "hm", "sozusagen", "weißt du"),
    "es": ("eh", "em", "mmm", "o sea"),
}


@dataclass(frozen=True)
class Listening:
    """Phrases. ``backchannels``: the only ones there are; empty: any two words."""

    fillers: tuple[str, ...] = ()
    backchannels: tuple[str, ...] = ()


def listening() -> Mapping[str, Listening]:
    """{code of a language: what holds now}; without a row our lists do. One query."""
    rows = Language.objects.values_list("code", "fillers", "backchannels")
    ours = {code: Listening(phrases) for code, phrases in FILLERS.items()}
    return ours | {code: Listening(_of(a), _of(b)) for code, a, b in rows}


def sow(language: Language) -> None:
    """Give a new language the lists that it has at first, where it has none."""
    if not language.fillers:
        language.fillers = "\n".join(FILLERS.get(language.code, ()))
        language.save(update_fields=["fillers"])


def _of(lines: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines.splitlines() if line.strip())
