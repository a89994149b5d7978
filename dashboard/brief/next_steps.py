"""Sentences by which somebody commits to something, asks for it, or fixes a day.

Rules of words, no model: a promise ("I will send"), a request ("please send"), or a day
with a meeting in it ("Tuesday at ten works for me"). What is only offered or wished
("we can talk") counts with a day alone. A language without rules has no next steps.
"""

import re
from dataclasses import dataclass

from dashboard.brief.wordings import WORDINGS, Wording
from dashboard.stats.timeline import CallTimeline, Sentence


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence, word by word, with what it says of the day; empty: nothing."""

    start_ms: int
    end_ms: int
    speaker: int  # id
    text: str
    due: str


SHOWING = re.compile(
    r"\b(my|our|the|meine[nr]?|mon|mi)"
    r" (screen|bildschirm|écran|pantalla)\b",
    re.IGNORECASE,
)


def next_steps(timeline: CallTimeline) -> list[NextStep]:
    """In order of time; what one person says twice in a row is there once."""
    found = [
        NextStep(line.start_ms, line.end_ms, speaker.id, line.text, due)
        for speaker in timeline.speakers
        for line in speaker.sentences
        if (due := commitment(line)) is not None
    ]
    return sorted(found, key=lambda step: (step.start_ms, step.speaker))


def commitment(sentence: Sentence) -> str | None:
    """The day that a sentence commits somebody to, "" without one; None: to nothing."""
    wording = WORDINGS.get(sentence.language)
    text = sentence.text.replace("’", "'")
    if wording is None or SHOWING.search(text):
        return None
    day = _found(wording.day, text)
    return day if _commits(text, wording, bool(day)) else None


def _commits(text: str, wording: Wording, has_day: bool) -> bool:
    if _found(wording.named, text):
        return True
    if _found(wording.deed, text):
        if _found(wording.will, text) or _found(wording.please, text):
            return True
        if has_day and _found(wording.may, text):
            return True
    return has_day and bool(_found(wording.meet, text))


def _found(pattern: str, text: str) -> str:
    """The words of ``text`` that a pattern finds first; re keeps what it compiled."""
    found = re.search(pattern, text, re.IGNORECASE)
    return found[0] if found else ""
