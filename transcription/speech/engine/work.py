"""What waits for the model: a stream's newest sound, a final, a recorded window."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from transcription.speech.audio.features import MelBank, MelBuffer, frames_of
from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine import compose, cutting
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.language import ENOUGH
from transcription.speech.engine.open_utterance import (
    FIRST_PARTIAL,
    DraftDecode,
    OpenUtterance,
)
from transcription.speech.engine.streams import Final, Stream
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.filters import Rules
from transcription.speech.model.context import RulesFor, previous_text
from transcription.speech.model.windows import Decoded, Window

# s of a window after which its settled words are not decoded again: where a call is
# slow, and where it is quick and rather has the whole sentence
SLIDE, SLIDE_LATE = 5.0, 8.0


class EngineJob(Protocol):
    """One item of a call."""

    @property
    def frames(self) -> int:
        """Mel frames of its sound."""
        ...

    def window(self, bank: MelBank, frames: int) -> Window:
        """The input, ``frames`` long, computed at the last moment."""
        ...

    def deliver(self, line: Decoded) -> None:
        """Use the result."""
        ...

    def fail(self, error: Exception) -> None:
        """Do without the result: it failed alone as well."""
        ...


@dataclass(eq=False)
class LiveJob:
    """An utterance of a stream as it sounds now; with ``final`` set, its last word."""

    stream: Stream
    track: VoiceTrack
    utterance: OpenUtterance
    end: int  # sample up to which it hears
    rules_for: RulesFor
    final: Final | None = None
    slide: float = SLIDE  # s of the window after which it slides
    whole: float = 0.0  # s of an utterance that is decoded whole at its end

    def __post_init__(self) -> None:
        utterance = self.utterance
        self.speech_end, self.start = utterance.speech_end, utterance.start
        self.draft = utterance.wants_draft and not self.final
        ends = bool(self.final) or self.draft
        again = ends and self.end - self.start <= self.whole * SAMPLE_RATE
        self.settled = None if again else utterance.settled
        self.detector = self.stream.detector_of(utterance)
        self.previous = previous_text(self.detector.language, self.rules_for)
        overlong = bool(self.final) and self.end < self.speech_end
        self.cut = overlong or (utterance.wants_cut and not self.final)
        self.slides = not self.final and self.end - self.base > self.slide * SAMPLE_RATE

    @property
    def base(self) -> int:
        """The sample where its window begins."""
        return self.settled.base if self.settled else self.start

    @property
    def frames(self) -> int:
        """Mel frames of its sound."""
        return frames_of(self.base, self.end)

    @property
    def waiting_since(self) -> float:
        """When the first sound that no look reaches came in, on the monotonic clock."""
        return self.track.arrival(max(self.utterance.asked, self.utterance.start))

    def claim(self) -> None:
        """Note that this look is under way: the next one is due for later sound."""
        utterance = self.utterance
        utterance.asked = self.end
        if self.draft:
            utterance.wants_draft, utterance.drafting = False, self.speech_end
        if self.cut:
            utterance.wants_cut = False

    def window(self, bank: MelBank, frames: int) -> Window:
        """The input; ``frames`` is the encoder length of the call."""
        detector = self.detector
        with self.stream.lock:
            mel, heard = self.track.window(bank, self.base, self.end, frames)
            voiced = self.utterance.voice_since(self.base)
        return Window(
            mel,
            heard,
            detector.language,
            detector.allowed,
            bool(self.final) or self.draft or self.cut or self.slides,
            self.previous,
            voiced,
        )

    def deliver(self, line: Decoded) -> None:
        """Give out what is new."""
        with self.stream.turn:  # two looks that end at once must not change places
            with self.stream.lock:
                self._vote(line)
                captions = self._captions(line)
            for caption in captions:
                if caption:
                    self.stream.say(caption)
        if self.final:
            self._conclude(self.final)

    def fail(self, error: Exception) -> None:
        """Keep the line that was shown last; a partial is simply left out."""
        with self.stream.lock:
            self._done()
            self.utterance.wants_cut |= self.cut and not self.final
        self.utterance.heard = max(self.utterance.heard, self.end)
        if self.final:
            self.cut, self.settled = False, None
            self.deliver(Decoded(self.utterance.text, "", 0.0, 0.0))

    @property
    def known(self) -> Decoded | None:
        """The result when no call is needed: a draft that still holds, or a click."""
        if not self.final or self.cut:
            return None
        if self.utterance.speech < self.track.rules.click:
            return Decoded("", "", 0.0, 1.0)
        draft = self.utterance.ready_draft()
        if draft is None:
            return None
        self.settled = None  # a draft is the whole line
        return draft.line

    def _vote(self, line: Decoded) -> None:
        seconds = (self.end - self.utterance.start) / SAMPLE_RATE
        if self.final or seconds >= ENOUGH:
            self.detector.vote(line.languages, seconds)

    def _captions(self, line: Decoded) -> list[Caption | None]:
        """What is to be shown; nothing when a later look was quicker."""
        fresh = self._done()
        if not (fresh or self.final):
            return []
        line = cutting.whole(self.settled, line, self.start)
        if self.cut:
            return self._cut(line)
        if self.slides and self.settled is self.utterance.settled and not self.draft:
            settled = cutting.settle(self.track, self.utterance, line, self.end)
            self.utterance.settled = settled or self.settled
        return [self._whole(line)]

    def _done(self) -> bool:
        """Note that the look is over; whether what it saw is still the newest."""
        utterance = self.utterance
        if utterance.drafting == self.speech_end and self.draft:
            utterance.drafting = -1
        whole = self.start == utterance.start  # it was not cut meanwhile
        fresh = not utterance.over and whole and self.end >= utterance.heard
        if self.cut and not self.final and not fresh:
            utterance.wants_cut = True
        utterance.over = utterance.over or bool(self.final) and not self.cut
        return fresh

    def _whole(self, line: Decoded) -> Caption | None:
        rules = self._rules(line.language)
        if self.final:
            return compose.final(self.track, self.utterance, line, self.end, rules)
        self.utterance.heard = self.end
        if self.draft:
            self.utterance.draft = DraftDecode(
                line, self.utterance.start, self.speech_end, self.end
            )
        return compose.partial(self.track, self.utterance, line, self.end, rules)

    def _cut(self, line: Decoded) -> list[Caption | None]:
        cut = cutting.place(self.track, self.utterance, line.words, self.end)
        if cut is None:
            self.utterance.wants_cut = not self.final
            return [self._whole(line)]
        rules, first = (
            self._rules(line.language),
            self.track.cut(self.utterance, cut.at),
        )
        taken, rest = cutting.divide(line, cut.words)
        self.utterance.heard = self.end
        said = compose.final(self.track, first, taken, cut.at, rules)
        rules = self._rules(line.language)  # another line, perhaps under other rules
        return [
            said,
            compose.partial(self.track, self.utterance, rest, self.end, rules),
        ]

    def _rules(self, language: str) -> Rules:
        """Those of the line's first text: what was shown does not go for new ones."""
        if language not in self.utterance.rules:
            self.utterance.rules[language] = self.rules_for(language)
        return self.utterance.rules[language]

    def _conclude(self, final: Final) -> None:
        if self.cut:
            self.stream.again(final)
        else:
            self.track.release(self.utterance)
            self.stream.settle()


def partial(
    stream: Stream,
    period: float,
    rules_for: RulesFor,
    slide: float = SLIDE,
    whole: float = 0.0,
) -> LiveJob | None:
    """The decode that a stream is due for, if any."""
    with stream.lock:
        track, utterance = stream.track, stream.track.utterance
        if not utterance or utterance.speech < FIRST_PARTIAL:
            return None
        end = track.reach(utterance)
        fresh = end - max(utterance.asked, utterance.start)
        if track.speaking:
            due = fresh >= period * SAMPLE_RATE
        else:
            due = utterance.asked <= utterance.speech_end or utterance.wants_draft
        job = LiveJob(stream, track, utterance, end, rules_for, None, slide, whole)
        return job if due else None


def last(final: Final, rules_for: RulesFor, whole: float = 0.0) -> LiveJob:
    """The decode of an utterance that has ended."""
    stream, track, utterance, _ = final
    with stream.lock:
        end = track.reach(utterance)
        return LiveJob(stream, track, utterance, end, rules_for, final, whole=whole)


@dataclass(eq=False)
class RecordedJob:
    """A window of recorded sound; whoever sent it waits for ``result``."""

    mels: MelBuffer
    start: int  # samples
    end: int
    language: str | None
    allowed: tuple[str, ...]
    previous: str = ""
    result: "Future[Decoded]" = field(default_factory=Future)

    @property
    def frames(self) -> int:
        """Mel frames of its sound."""
        return frames_of(self.start, self.end)

    def window(self, bank: MelBank, frames: int) -> Window:
        """The input; ``frames`` is the encoder length of the call."""
        mel, heard = self.mels.window(bank, self.start, self.end, frames)
        return Window(mel, heard, self.language, self.allowed, True, self.previous)

    def deliver(self, line: Decoded) -> None:
        """Hand the result over."""
        self.result.set_result(line)

    def fail(self, error: Exception) -> None:
        """Hand the error over."""
        self.result.set_exception(error)
