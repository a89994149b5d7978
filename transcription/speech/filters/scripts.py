"""Scripts: only letters that the language is written in, and Latin for names."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from transcription.speech.engine.captions import units
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.taken import Span, take_out

# Unicode blocks (Unicode 15), as ranges of code points.
SCRIPTS: dict[str, str] = {
    "Latin": "0041-005A 0061-007A 00AA 00BA 00C0-00D6 00D8-00F6 00F8-024F "
    "1E00-1EFF 2C60-2C7F A720-A7FF FB00-FB06",
    "Greek": "0370-03FF 1F00-1FFF",
    "Cyrillic": "0400-052F 1C80-1C8F 2DE0-2DFF A640-A69F",
    "Armenian": "0530-058F",
    "Hebrew": "0590-05FF FB1D-FB4F",
    "Arabic": "0600-06FF 0750-077F 08A0-08FF FB50-FDFF FE70-FEFF",
    "Devanagari": "0900-097F",
    "Bengali": "0980-09FF",
    "Gurmukhi": "0A00-0A7F",
    "Gujarati": "0A80-0AFF",
    "Tamil": "0B80-0BFF",
    "Telugu": "0C00-0C7F",
    "Kannada": "0C80-0CFF",
    "Malayalam": "0D00-0D7F",
    "Sinhala": "0D80-0DFF",
    "Thai": "0E00-0E7F",
    "Lao": "0E80-0EFF",
    "Myanmar": "1000-109F",
    "Georgian": "10A0-10FF",
    "Hangul": "1100-11FF 3130-318F AC00-D7AF",
    "Ethiopic": "1200-137F",
    "Khmer": "1780-17FF",
    "Kana": "3040-30FF 31F0-31FF FF66-FF9F",
    "Han": "3005 3007 3400-4DBF 4E00-9FFF F900-FAFF 20000-323AF",
}
ALWAYS = "Latin"  # names of products and people: "CRM" in a Russian line
JOINERS = "\u200c\u200d"  # letters of Indic scripts and Persian need them
JOINED = {
    "Arabic",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
}
UNITS = "Ωμ"  # of measure; Unicode composes the sign for ohm to the Greek letter
MOST = 0.5  # share of foreign letters above which the whole line goes


def keep_scripts(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Take out words with letters of a script that the language does not use.

    Without allowed scripts in the rules every letter may stay. Digits, punctuation,
    currency and units always may; invisible characters never. Where a script has no
    spaces only the foreign letters go.
    """
    draft = _visible(
        draft, bool(JOINED.intersection(rules.scripts)) or not rules.scripts
    )
    if not rules.scripts:
        return Cleaned(draft.text, draft.words)
    foreign = _foreign(frozenset(rules.scripts))
    letters = sum(character.isalpha() for character in draft.text)
    strange = sum(map(_is_letter, foreign.findall(draft.text)))
    spans = []
    if strange > letters * MOST:
        spans = [(0, len(draft.text))]
    elif strange:
        spans = list(_words(draft.text, foreign))
    allowed = sorted(rules.scripts)
    return take_out(draft, spans, "script", evidence, rules, allowed=allowed)


def _words(text: str, foreign: re.Pattern[str]) -> Iterator[Span]:
    """The stretches of neighbouring words with a foreign letter."""
    start = at = 0
    for unit in [*units(text), ""]:
        if not any(map(_is_letter, foreign.findall(unit))):
            if start < at:
                yield start, at
            start = at + len(unit)
        at += len(unit)


def _is_letter(character: str) -> bool:
    return character.isalpha() and character not in UNITS


def check(names: Collection[str]) -> None:
    """Raises ValueError for a script that is not in the table."""
    unknown = sorted(set(names) - set(SCRIPTS))
    if unknown:
        known = ", ".join(SCRIPTS)
        raise ValueError(f"unknown script {', '.join(unknown)}; known: {known}")


@lru_cache(maxsize=64)
def _foreign(allowed: frozenset[str]) -> re.Pattern[str]:
    """Matches one letter of a script that is in the table and not allowed."""
    ranges = [SCRIPTS[name] for name in SCRIPTS if name not in allowed | {ALWAYS}]
    return re.compile(f"[{''.join(map(_class, ranges))}]")


def _class(ranges: str) -> str:
    pairs = (entry.partition("-") for entry in ranges.split())
    return "".join(
        rf"\U{int(low, 16):08x}-\U{int(high or low, 16):08x}" for low, _, high in pairs
    )


def _visible(draft: Draft, joiners: bool) -> Draft:
    """NFC without control, format, private and broken characters."""
    text = unicodedata.normalize("NFC", draft.text)
    kept = "".join(c for c in text if _may_stay(c, joiners))
    return draft if kept == draft.text else Draft(kept, draft.words)


def _may_stay(character: str, joiners: bool) -> bool:
    if character == "\ufffd":
        return False
    if character in JOINERS:
        return joiners
    kind = unicodedata.category(character)
    return kind not in ("Cc", "Cf", "Co", "Cn", "Cs") or character in "\n\t"
