"""What a model writes where nobody speaks: seeded sounds, heard whole.

Also those that the VAD would stop are decoded: on the day that it lets one through,
the bag must know what comes. After arXiv 2501.11378.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from transcription.speech.audio import noise
from transcription.speech.audio.features import MelBuffer, frames_of
from transcription.speech.audio.sound import Floats, SlidingBuffer
from transcription.speech.filters import Draft, Evidence, Rules
from transcription.speech.filters.hallucinations import SENTENCE
from transcription.speech.filters.loops import collapse_loops
from transcription.speech.filters.normal import normal, small_tokens, tokens
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Window

SECONDS = (1, 3, 8, 15, 29)  # lengths of a made sound: what is invented varies with it
LONG = 4  # words that nobody says by chance
LONG_UNSPACED = 8  # characters, where a script has no spaces


def made(rounds: int) -> Iterator[tuple[str, Floats]]:
    """Sounds without a word and their names: every kind, length and so many seeds."""
    for seed in range(rounds):
        for kind in noise.KINDS:
            for seconds in SECONDS:
                sound = noise.make(kind, seconds, seed)
                yield f"{kind}, {seconds} s, seed {seed}", sound


def hear(whisper: Whisper, sound: Floats, languages: Sequence[str]) -> list[str]:
    """What a model writes for a sound of at most 29.5 s, once in each language."""
    buffer = SlidingBuffer()
    buffer.append(sound)
    length = whisper.bucket(frames_of(0, len(sound)))
    mel, frames = MelBuffer(buffer).window(whisper.bank, 0, len(sound), length)
    lines = whisper.decode([Window(mel, frames, language) for language in languages])
    return [line.text.strip() for line in lines]


def count(texts: Iterable[str]) -> Counter[str]:
    """How many sounds each phrase was written for."""
    return Counter(phrase for text in texts for phrase in set(phrases_of(text)))


def phrases_of(text: str) -> list[str]:
    """The sentences of a text as the bag compares them; a loop counts once."""
    unsure = Evidence(0.0, 1.0, ((0.0, 1.0),), confidence=0.0)
    text = collapse_loops(Draft(text), unsure, Rules()).text
    found = (normal(sentence) for sentence in SENTENCE.findall(text))
    return [phrase for phrase in found if phrase]


def is_long(phrase: str) -> bool:
    """Whether a phrase has so many words that chance does not make it."""
    words = len(tokens(phrase))
    characters = len(small_tokens(phrase))
    return words >= LONG or (characters > words and characters >= LONG_UNSPACED)
