"""What the installed model writes where nobody speaks, rated as phrases for the bag.

After arXiv 2501.11378, with the difference that nothing becomes *certain* that people
here, or a given corpus, say.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from transcription.models import Phrase, Utterance
from transcription.speech.audio.sound import (
    SAMPLE_RATE,
    Floats,
    Samples,
    SlidingBuffer,
    to_float,
)
from transcription.speech.engine import invented
from transcription.speech.filters.bag import Bag, key
from transcription.speech.filters.normal import tokens
from transcription.tuning.bags import Entry

WINDOW = 29 * SAMPLE_RATE  # samples decoded at once: speech.features takes 29.5 s
REPEATED = 2  # times that a phrase must be heard to be certain


def windows(pieces: Iterable[Samples]) -> Iterator[Floats]:
    """Mono sound of 16 kHz, cut into what is decoded at once."""
    buffer = SlidingBuffer()
    for piece in pieces:
        buffer.append(to_float(piece))
        while buffer.end - buffer.start >= WINDOW:
            start = buffer.start
            yield buffer[start : start + WINDOW].copy()
            rest = buffer[start + WINDOW : buffer.end].copy()
            buffer = SlidingBuffer()
            buffer.append(rest)
    if buffer.end > buffer.start:
        yield buffer[buffer.start : buffer.end].copy()


def spoken(phrases: Iterable[str], lines: Iterable[str]) -> set[str]:
    """Those phrases that stand in a line of real speech, at word boundaries."""
    automaton = Bag.of(certain=phrases).certain
    found: set[str] = set()
    if automaton is None:
        return found
    for line in lines:
        text = key(token.normal for token in tokens(line))
        found.update(phrase for _, (_, phrase) in automaton.iter(text))
    return found


def transcripts(language: str) -> Iterator[str]:
    """What was said in this workspace, as of the second pass."""
    rows = Utterance.objects.filter(
        language=language, transcript_pass=Utterance.Pass.FINAL
    )
    return rows.values_list("text", flat=True).iterator()


def rate(counts: Mapping[str, int], said: set[str]) -> list[Entry]:
    """The phrases to propose, the commonest first.

    What people say is at most ambiguous, and nothing at all when it is long: no sound
    could then tell the two apart. Certain is what is long, heard again, and never said;
    it ends with a full stop, so that it goes as a whole sentence only.
    """
    entries = []
    for phrase, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if not invented.is_long(phrase):
            entries.append(Entry(phrase, count, Phrase.Tier.AMBIGUOUS))
        elif phrase not in said:
            sure = count >= REPEATED
            tier = Phrase.Tier.CERTAIN if sure else Phrase.Tier.AMBIGUOUS
            entries.append(Entry(f"{phrase}." if sure else phrase, count, tier))
    return [entry for entry in entries if entry.fits]


def write(entries: Iterable[Entry], file: TextIO) -> None:
    """CSV that ``import_bag`` reads."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["tier", "phrase", "count"])
    writer.writerows((entry.tier, entry.phrase, entry.count) for entry in entries)
