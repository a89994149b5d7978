"""Text without sound: words where the VAD heard no speech were invented."""

from itertools import groupby

from transcription.speech.captions import Removal, Word
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules

MARGIN = 0.5  # s that a word may lie beside speech: word times are that coarse
LEAST = 0.1  # s of speech without which nothing was said


def remove_unvoiced(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Take out the whole text without speech, or single words far from speech."""
    if draft.text and evidence.speech_seconds < LEAST:
        removal = _removal(draft.text, evidence.start, evidence.end, evidence)
        return Cleaned("", (), (removal,))
    runs = [
        (voiced, tuple(words))
        for voiced, words in groupby(draft.words, lambda word: _voiced(word, evidence))
    ]
    if all(voiced for voiced, _ in runs):
        return Cleaned(draft.text, draft.words)
    kept = tuple(word for voiced, words in runs if voiced for word in words)
    removals = tuple(
        _removal(_text(words), words[0].start, words[-1].end, evidence)
        for voiced, words in runs
        if not voiced
    )
    return Cleaned(_text(kept), kept, removals)


def _voiced(word: Word, evidence: Evidence) -> bool:
    return any(
        word.end > start - MARGIN and word.start < end + MARGIN
        for start, end in evidence.voiced
    )


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def _removal(raw: str, start: float, end: float, evidence: Evidence) -> Removal:
    told = {
        "speech_seconds": round(evidence.speech_seconds, 2),
        "no_speech": round(evidence.no_speech, 3),
    }
    return Removal(raw, "no speech", start, end, told)
