"""Sound without a gap as the engine hears it: samples in, utterances out."""

from bisect import bisect_left
from collections import deque

from transcription.speech.audio.endpoint import Endpoint, EndpointRules, Mark
from transcription.speech.audio.features import HOP, LONGEST, MelBank, MelBuffer
from transcription.speech.audio.sound import SAMPLE_RATE, Floats, SlidingBuffer
from transcription.speech.audio.vad import WINDOW, Vad
from transcription.speech.engine.open_utterance import OpenUtterance

_KEPT = SAMPLE_RATE  # samples kept while nobody speaks: more than the pre-roll


class VoiceTrack:
    """One person's sound from ``origin`` on, until a gap. Positions are samples."""

    def __init__(self, origin: float = 0.0, rules: EndpointRules | None = None) -> None:
        self.origin = origin  # seconds on the caller's clock
        self.rules = rules or EndpointRules()
        self.utterance: OpenUtterance | None = None  # the running utterance
        self.waiting: list[OpenUtterance] = []  # ended, but their sound is still needed
        self._floor = 0  # no utterance may reach before this sample
        self._vad = Vad()
        self._sound = SlidingBuffer()
        self._mels = MelBuffer(self._sound)
        self._endpoint = Endpoint(self.rules)
        self._arrivals: deque[tuple[int, float]] = deque([(0, 0.0)], maxlen=512)

    @property
    def end(self) -> int:
        """How many samples were heard."""
        return self._sound.end

    @property
    def speaking(self) -> bool:
        """Whether the newest sound is speech."""
        return self._endpoint.speaking

    def time(self, sample: int) -> float:
        """Seconds on the caller's clock."""
        return self.origin + sample / SAMPLE_RATE

    def arrival(self, sample: int) -> float:
        """When the sound up to a sample came in, on the clock of ``arrived``."""
        index = bisect_left(self._arrivals, sample, key=lambda entry: entry[0])
        return self._arrivals[min(index, len(self._arrivals) - 1)][1]

    def hear(self, samples: Floats) -> Floats:
        """Judge more sound; returns what ``take`` needs. One thread at a time."""
        return self._vad.hear(samples)

    def take(
        self, samples: Floats, chances: Floats, arrived: float
    ) -> list[OpenUtterance]:
        """Add sound with its speech probabilities; returns utterances that ended."""
        self._sound.append(samples)
        self._arrivals.append((self._sound.end, arrived))
        ended = [
            utterance for chance in chances if (utterance := self._step(float(chance)))
        ]
        self._forget()
        return ended

    def finish(self) -> OpenUtterance | None:
        """End the running utterance now."""
        self._endpoint.finish()
        return self._end()

    def release(self, utterance: OpenUtterance) -> None:
        """Say that the sound of an utterance is no longer needed."""
        self.waiting = [other for other in self.waiting if other is not utterance]

    def window(
        self, bank: MelBank, start: int, end: int, length: int
    ) -> tuple[Floats, int]:
        """Whisper's input for samples ``start:end``; see MelBuffer.window."""
        return self._mels.window(bank, start, end, length)

    @property
    def start(self) -> int:
        """The first sample that is still there."""
        return self._sound.start

    def sound(self, start: int, end: int) -> Floats:
        """Samples as a view; valid until more is heard."""
        return self._sound[start:end]

    def reach(self, utterance: OpenUtterance) -> int:
        """Up to where an utterance may be decoded now."""
        if utterance is self.utterance and self.speaking:
            end = self._sound.end
        else:
            post_roll = int(self.rules.post_roll * SAMPLE_RATE)
            end = min(utterance.speech_end + post_roll, self._sound.end)
        return max(min(end, self.limit(utterance)), utterance.start + HOP)

    def limit(self, utterance: OpenUtterance) -> int:
        """Up to where an utterance may grow before it is cut anywhere."""
        overdue = int(self.rules.overdue * SAMPLE_RATE)
        return utterance.start + min(overdue, LONGEST * HOP)

    def cut(self, utterance: OpenUtterance, at: int) -> OpenUtterance:
        """Split an utterance at a sample; returns the first part."""
        first = utterance.split(at // HOP * HOP)
        if utterance is self.utterance:
            self._endpoint.cut(at // WINDOW)
        return first

    def quietest(self, near: int, within: int) -> int:
        """The quietest sample position at most ``within`` samples beside ``near``."""
        low = max(near - within, self._sound.start)
        sound = self._sound[low : min(near + within, self._sound.end)]
        hops = sound[: len(sound) // HOP * HOP].reshape(-1, HOP)
        if not len(hops):
            return near
        return low + int((hops**2).mean(axis=1).argmin()) * HOP + HOP // 2

    def loudness(self, at: int) -> float:
        """Mean power of the 60 ms around a sample."""
        low, high = max(at - 480, self._sound.start), min(at + 480, self._sound.end)
        return float((self._sound[low:high] ** 2).mean()) if high > low else 0.0

    def _step(self, chance: float) -> OpenUtterance | None:
        mark = self._endpoint.hear(chance)
        now = self._endpoint.heard * WINDOW
        if mark is Mark.START:
            self.utterance = OpenUtterance(self._first_sample(now - WINDOW), now)
        if self.utterance and self._endpoint.speaking:
            self.utterance.hear_voice(now - WINDOW, now)
        if self.utterance and mark is Mark.PAUSE:
            self.utterance.wants_draft = True
        if self.utterance and mark is Mark.LONG:
            self.utterance.wants_cut = True
        return self._end() if mark is Mark.END else None

    def _first_sample(self, voice: int) -> int:
        start = voice - int(self.rules.pre_roll * SAMPLE_RATE)
        return -(-max(start, self._floor, self._sound.start) // HOP) * HOP

    def _end(self) -> OpenUtterance | None:
        utterance, self.utterance = self.utterance, None
        if utterance:
            utterance.closed = True
            self.waiting.append(utterance)
            self._floor = utterance.speech_end
        return utterance

    def _forget(self) -> None:
        utterances = [*self.waiting, self.utterance] if self.utterance else self.waiting
        keep = (
            min([self._sound.end, *(utterance.start for utterance in utterances)])
            - _KEPT
        )
        self._sound.forget(keep)
        self._mels.forget(keep)
