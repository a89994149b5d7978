"""Scripts: only letters that the language is written in, and Latin for names."""

import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

import regex

from transcription.speech.engine.captions import units
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.taken import Span, take_out

# What people choose from, as Unicode scripts (UAX #24).
_ONE_EACH = """
Latin Greek Cyrillic Armenian Hebrew Arabic Devanagari Bengali Gurmukhi Gujarati Tamil
Telugu Kannada Malayalam Sinhala Thai Lao Myanmar Georgian Hangul Ethiopic Khmer Han
"""
SCRIPTS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in _ONE_EACH.split()},
    "Kana": ("Hiragana", "Katakana"),
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


def _words(text: str, foreign: regex.Pattern[str]) -> Iterator[Span]:
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
def _foreign(allowed: frozenset[str]) -> regex.Pattern[str]:
    """Matches one letter of a script that is not allowed. What scripts share (Common,
    Inherited) is of none."""
    scripts = [script for name in {*allowed, ALWAYS} for script in SCRIPTS[name]]
    own = "".join(rf"\p{{Script={name}}}" for name in ["Common", "Inherited", *scripts])
    return regex.compile(rf"[\p{{L}}--[{own}]]", regex.VERSION1)


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
