"""Where an utterance begins, pauses and ends, from speech probabilities alone.

Pure: one probability per VAD window (32 ms) in, marks out; positions count windows.
"""

from dataclasses import dataclass
from enum import Enum

from transcription.speech.audio.vad import WINDOW_SECONDS, windows


class Mark(Enum):
    """What a window decides."""

    START = "start"
    PAUSE = "pause"  # long enough for a first, speculative final
    END = "end"
    LONG = "long"  # the utterance has to be cut at a word


@dataclass(frozen=True)
class EndpointRules:
    """Thresholds of an utterance; durations in seconds."""

    start: float = 0.5  # probability that begins speech (Silero's own default)
    stop: float = 0.35  # below it the window is silent (Silero: start - 0.15)
    pre_roll: float = 0.25  # of sound before the first loud window: soft first sounds
    post_roll: float = 0.2  # of sound after the last one
    pause: float = 0.13  # after which a first final is made, in case it is one
    silence: float = 0.45  # ends a short utterance
    breath: float = 0.22  # ends one of ``hurried`` seconds
    unhurried: float = 3.0  # up to this length ``silence`` holds, then it shrinks
    hurried: float = 8.0  # until it is ``breath``
    longest: float = 15.0  # from here on it is cut at the next good place
    overdue: float = 20.0  # here it is cut wherever it is
    click: float = 0.1  # an utterance with less speech than this never was one

    def silence_after(self, length: float) -> float:
        """The silence that ends an utterance of this length: the longer, the less."""
        over = (length - self.unhurried) / (self.hurried - self.unhurried)
        share = min(max(over, 0.0), 1.0)
        return self.silence + share * (self.breath - self.silence)


class Endpoint:
    """The state of one person: silent, or in an utterance since ``begun``."""

    def __init__(self, rules: EndpointRules | None = None) -> None:
        self.rules = rules or EndpointRules()
        self.heard = 0  # windows so far
        self.begun: int | None = None  # first window of the utterance
        self.voiced_until = 0  # the window after the last one with speech
        self.voiced = 0  # windows with speech in the utterance
        self._loud = False
        self._long = False

    @property
    def speaking(self) -> bool:
        """Whether the newest window belongs to speech."""
        return self.begun is not None and self.voiced_until == self.heard

    def hear(self, probability: float) -> Mark | None:
        """Take the next window."""
        self._loud = probability >= (
            self.rules.stop if self._loud else self.rules.start
        )
        self.heard += 1
        if self._loud:
            return self._hear_voice()
        return None if self.begun is None else self._hear_silence(self.begun)

    def cut(self, at: int) -> None:
        """Let the running utterance begin at a later window: the rest was taken."""
        if self.begun is not None:
            self.begun, self._long = max(at, self.begun), False

    def finish(self) -> bool:
        """End the running utterance now, as at a gap; false if there is none."""
        running, self.begun, self._loud = self.begun is not None, None, False
        return running

    def _hear_voice(self) -> Mark | None:
        self.voiced_until = self.heard
        self.voiced += 1
        if self.begun is None:
            self.begun, self.voiced, self._long = self.heard - 1, 1, False
            return Mark.START
        if not self._long and self.heard - self.begun >= windows(self.rules.longest):
            self._long = True
            return Mark.LONG
        return None

    def _hear_silence(self, begun: int) -> Mark | None:
        quiet = self.heard - self.voiced_until
        length = (self.voiced_until - begun) * WINDOW_SECONDS
        if quiet >= windows(self.rules.silence_after(length)):
            self.finish()
            return Mark.END
        return Mark.PAUSE if quiet == windows(self.rules.pause) else None
