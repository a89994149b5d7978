"""Training windows as sounds: stretches of made-up calls, and what is said in them.

A window is a row of sentences with pauses between, in voices drawn anew for each. It
may end while somebody is speaking, as 30 s windows and live ones do.
"""

import random
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmarks.fixture_model.recipe.phrases import Language
from benchmarks.fixture_model.recipe.sounds import (
    HOP,
    Corpus,
    Noise,
    Sound,
    at_speed,
    disguised,
    log_mel,
)
from benchmarks.fixture_model.recipe.synth import FRENCH_SHARE, SAMPLE_RATE

LONGEST = 30  # seconds of a window
MOVED_SHARE = 0.8  # of the short windows lie anywhere in 30 s
DENSE_SHARE = 0.7  # of the windows are full of speech
# of those of at most SHORT seconds: live ones often hold one utterance and then nothing
SHORT, SHORT_DENSE_SHARE = 10, 0.4
TAILS = (0.05, 0.1, 0.2, 0.4, 0.8, 2.0, 4.0, 30.0)  # seconds after the last word
TYPICAL = (0.1, 4.5)  # seconds of any pause, whatever the rhythm
GUESSED = 0.6  # share of a word after which it is written: live captions wait for it


class Part(NamedTuple):
    """A sentence as far as the window holds it, in seconds of the window."""

    start: float
    end: float
    text: str
    cut: bool = False

    def until(self, moment: float) -> "Part":
        """The words that were said before a moment, by their letters.

        The last one may be cut off: what is left of it is to be guessed.
        """
        share, said = (moment - self.start) / (self.end - self.start), 0.0
        words, kept = self.text.split(), list[str]()
        for word in words:
            if said + GUESSED * (len(word) + 1) > share * (len(self.text) + 1):
                break
            said += len(word) + 1
            kept.append(word)
        if len(kept) == len(words):
            return self
        return Part(self.start, moment, " ".join(kept).rstrip(",.?"), cut=True)


class Window(NamedTuple):
    """What the model hears, and what was said."""

    seconds: float
    language: Language
    mel: Tensor  # 80, 100 frames per second
    parts: list[Part]
    offset: int  # seconds: where in 30 s it is taken to lie


class Rhythm:
    """The pauses of one window: dense speech, talk, or long silences."""

    def __init__(self, rng: random.Random, seconds: float) -> None:
        self.rng, self.seconds = rng, seconds
        ranges = [(0.05, 0.5), (0.12, 1.2), (0.2, 2.5), (1.0, 0.5 * seconds + 1.2)]
        self.range = rng.choices(ranges, [3, 4, 2, 4])[0]

    def pause(self) -> float:
        return self.rng.uniform(*(self.range if self.rng.random() < 0.85 else TYPICAL))

    def before_speech(self) -> float:
        if self.rng.random() < 0.7:
            return self.rng.uniform(0, 0.6)
        return self.rng.uniform(0.6, 0.8 * self.seconds)


class Calls:
    """Draws windows of calls between the voices of a corpus.

    ``disguise`` is the share that comes from another throat and another microphone.
    """

    def __init__(self, corpus: Corpus, seed: int, disguise: float = 0.0) -> None:
        self.corpus, self.noise = corpus, Noise(seed)
        self.rng, self.disguise = random.Random(seed), disguise

    def window(self, seconds: float) -> Window:
        language: Language = "fr" if self.rng.random() < FRENCH_SHARE else "en"
        if self.rng.random() < (0.08 if seconds < 15 else 0.03):
            return Window(seconds, language, self._silence(seconds), [], 0)
        sound, parts = self._talk(language, seconds)
        if not parts:
            return self.window(seconds)
        mel = self._mel(self._coloured(sound), seconds)
        if self.rng.random() < self.disguise:
            mel = disguised(mel, self.rng)
        return Window(seconds, language, mel, parts, self._offset(seconds))

    def _offset(self, seconds: float) -> int:
        """Short windows also stand for late parts of long ones: they are cheap, and an
        encoder that never saw them there hears worse there."""
        latest = int(LONGEST - seconds)
        return self.rng.randrange(latest + 1) if self.rng.random() < MOVED_SHARE else 0

    def _talk(self, language: Language, seconds: float) -> tuple[Sound, list[Part]]:
        """Sentences until the window is full or enough is said."""
        rng, rhythm = self.rng, Rhythm(self.rng, seconds)
        sound, parts = np.zeros(round(seconds * SAMPLE_RATE), np.float32), list[Part]()
        clock, level = rhythm.before_speech(), rng.uniform(-0.3, 0)
        dense = rng.random() < (DENSE_SHARE if seconds > SHORT else SHORT_DENSE_SHARE)
        wanted = 99 if dense else rng.choice([1, 1, 2, 2, 3, 4, 6])
        while len(parts) < wanted and clock < seconds - 0.1:
            spoken, text = self._sentence(language)
            at = round(clock * SAMPLE_RATE)
            loudness = 10 ** (level + rng.uniform(-0.3, 0.1))
            sound[at : at + len(spoken)] += spoken[: len(sound) - at] * loudness
            part = Part(clock, clock + len(spoken) / SAMPLE_RATE, text)
            parts.append(part.until(seconds) if part.end > seconds else part)
            clock = part.end + rhythm.pause()
        return self._ended(sound, parts)

    def _sentence(self, language: Language) -> tuple[Sound, str]:
        spoken, text = self.corpus.draw(language, self.rng)
        if self.rng.random() < 0.4:
            spoken = at_speed(spoken, self.rng.uniform(0.9, 1.12))
        return spoken, text

    def _ended(self, sound: Sound, parts: list[Part]) -> tuple[Sound, list[Part]]:
        """Full, or ended by silence, or broken off while somebody is speaking."""
        if not parts or parts[-1].cut:
            return sound, parts
        last = parts[-1]
        end = last.end + self.rng.choice(TAILS)
        if self.rng.random() < 0.2:
            end = self.rng.uniform(last.start + 0.1, last.end)
            heard = last.until(end)._replace(cut=False)
            parts = parts[:-1] + [heard] * bool(heard.text)
        return sound[: round(end * SAMPLE_RATE)], parts

    def _coloured(self, sound: Sound) -> Sound:
        """Through a room with noise and a microphone with a tone."""
        rng = self.rng
        if rng.random() < 0.5:
            loudness = float(sound.std()) * 10 ** (-rng.uniform(12, 45) / 20)
            sound = sound + self.noise.draw(len(sound), rng) * np.float32(loudness)
        if rng.random() < 0.3:
            sound = sound + rng.uniform(-0.4, 0.6) * np.pad(sound[:-1], (1, 0))
        gain = 10 ** rng.uniform(-0.8, 0.2)
        return np.asarray(np.clip(sound * gain, -1, 1), np.float32)

    def _mel(self, sound: Sound, seconds: float) -> Tensor:
        """Rest of the window: zeros, as faster-whisper pads, or silence."""
        heard, frames = log_mel(sound), round(seconds * SAMPLE_RATE / HOP)
        mel = torch.zeros(80, frames)
        if self.rng.random() < 0.5:
            mel[:] = heard.min()
        mel[:, : heard.shape[1]] = heard[:, :frames]
        if self.rng.random() < 0.25:  # a narrow band goes missing
            band = self.rng.randrange(70)
            mel[band : band + self.rng.randrange(10)] = 0
        return mel

    def _silence(self, seconds: float) -> Tensor:
        size = round(self.rng.uniform(0.5, seconds) * SAMPLE_RATE)
        loudness = 10 ** self.rng.uniform(-4, -1.3) * (self.rng.random() < 0.7)
        noise = self.noise.draw(size, self.rng) * np.float32(loudness)
        return self._mel(noise, seconds)
