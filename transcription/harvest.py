"""What the installed model writes where nobody speaks, rated as phrases for the bag.

Sounds are decoded whole, also those that the VAD would stop: on the day that it lets
one through, the bag must know what comes. After arXiv 2501.11378, with the difference
that nothing becomes *certain* that people here, or a given corpus, say.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from transcription.bags import Entry
from transcription.models import Phrase, Utterance
from transcription.speech import noise
from transcription.speech.features import MelTape, frames_of
from transcription.speech.filters import Draft, Evidence, Rules
from transcription.speech.filters.bag import Bag, key
from transcription.speech.filters.hallucinations import SENTENCE
from transcription.speech.filters.loops import collapse_loops
from transcription.speech.filters.normal import normal, small_tokens, tokens
from transcription.speech.sound import SAMPLE_RATE, Floats, Samples, Tape, to_float
from transcription.speech.whisper import Whisper, Window

SECONDS = (1, 3, 8, 15, 29)  # lengths of a made sound: what is invented varies with it
WINDOW = 29 * SAMPLE_RATE  # samples decoded at once: speech.features takes 29.5 s
LONG = 4  # words that nobody says by chance
LONG_UNSPACED = 8  # characters, where a script has no spaces
REPEATED = 2  # times that a phrase must be heard to be certain


def made(rounds: int) -> list[tuple[str, int, int]]:
    """Kind, seconds and seed of the sounds to make with ``noise.make``."""
    return [
        (kind, seconds, seed)
        for seed in range(rounds)
        for kind in noise.KINDS
        for seconds in SECONDS
    ]


def windows(pieces: Iterable[Samples]) -> Iterator[Floats]:
    """Mono sound of 16 kHz, cut into what is decoded at once."""
    tape = Tape()
    for piece in pieces:
        tape.append(to_float(piece))
        while tape.end - tape.start >= WINDOW:
            start = tape.start
            yield tape[start : start + WINDOW].copy()
            rest = tape[start + WINDOW : tape.end].copy()
            tape = Tape()
            tape.append(rest)
    if tape.end > tape.start:
        yield tape[tape.start : tape.end].copy()


def hear(whisper: Whisper, sound: Floats, language: str) -> str:
    """What a model writes for at most WINDOW samples of sound."""
    tape = Tape()
    tape.append(sound)
    length = whisper.bucket(frames_of(0, len(sound)))
    mel, frames = MelTape(tape).window(whisper.bank, 0, len(sound), length)
    return whisper.decode([Window(mel, frames, language)])[0].text


def phrases_of(text: str) -> list[str]:
    """The sentences of a text as the bag compares them; a loop counts once."""
    unsure = Evidence(0.0, 1.0, ((0.0, 1.0),), confidence=0.0)
    text = collapse_loops(Draft(text), unsure, Rules()).text
    found = (normal(sentence) for sentence in SENTENCE.findall(text))
    return [phrase for phrase in found if phrase]


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
        if not is_long(phrase):
            entries.append(Entry(phrase, count, Phrase.Tier.AMBIGUOUS))
        elif phrase not in said:
            sure = count >= REPEATED
            tier = Phrase.Tier.CERTAIN if sure else Phrase.Tier.AMBIGUOUS
            entries.append(Entry(f"{phrase}." if sure else phrase, count, tier))
    return [entry for entry in entries if entry.fits]


def is_long(phrase: str) -> bool:
    """Whether a phrase has so many words that chance does not make it."""
    words = len(tokens(phrase))
    characters = len(small_tokens(phrase))
    return words >= LONG or (characters > words and characters >= LONG_UNSPACED)


def write(entries: Iterable[Entry], file: TextIO) -> None:
    """CSV that ``import_bag`` reads."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["tier", "phrase", "count"])
    writer.writerows((entry.tier, entry.phrase, entry.count) for entry in entries)


def count(texts: Iterable[str]) -> Counter[str]:
    """How many sounds each phrase was written for."""
    return Counter(phrase for text in texts for phrase in set(phrases_of(text)))
