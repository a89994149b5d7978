"""One utterance in the making, from its first sound to its final."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import uuid4

from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine.captions import Stabiliser
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.filters import Rules
from transcription.speech.model.windows import Decoded

FIRST_PARTIAL = 0.15  # s of speech before it is worth a call: a short word


def _new_id() -> str:
    return uuid4().hex


class Settled(NamedTuple):
    """Words at the start of a long utterance that are not decoded again."""

    base: int  # sample where the window begins
    said: Decoded  # the settled words; times are seconds of the utterance
    until: float  # when the last of them ends
    overlap: int  # how many of them the window holds: the last ones


@dataclass
class DraftDecode:
    """A decode with word times, good as a final while no speech followed it."""

    line: Decoded
    start: int
    speech_end: int
    heard: int


@dataclass
class OpenUtterance:
    """Positions are samples of the track since its last reset."""

    start: int
    speech_end: int
    id: str = field(default_factory=_new_id)
    voiced: list[tuple[int, int]] = field(default_factory=list)
    settled: Settled | None = None
    heard: int = 0  # up to where the last decode reached
    asked: int = 0  # up to where the last look reaches that was begun
    drafting: int = -1  # the end of speech for which a draft is under way
    draft: DraftDecode | None = None
    wants_draft: bool = False
    wants_cut: bool = False
    closed: bool = False  # it has ended: only the final is missing
    over: bool = False  # the final is out
    rev: int = 0  # events given out
    text: str = ""  # of the last decode: what is kept when the final fails
    stabiliser: Stabiliser = field(default_factory=Stabiliser)
    detector: LanguageDetector | None = (
        None  # the person's when it began: it is one line
    )
    rules: dict[str, Rules] = field(default_factory=dict)  # of filters, by language

    @property
    def base(self) -> int:
        """The sample where its window begins."""
        return self.settled.base if self.settled else self.start

    @property
    def speech(self) -> float:
        """Seconds of speech."""
        return sum(end - start for start, end in self.voiced) / SAMPLE_RATE

    def hear_voice(self, start: int, end: int) -> None:
        """Note that the VAD heard speech from sample to sample."""
        if self.voiced and self.voiced[-1][1] >= start:
            self.voiced[-1] = (self.voiced[-1][0], end)
        else:
            self.voiced.append((start, end))
        self.speech_end = end
        self.wants_draft = False

    def ready_draft(self) -> DraftDecode | None:
        """The draft, when nothing was said since."""
        draft = self.draft
        if draft and (draft.start, draft.speech_end) == (self.start, self.speech_end):
            return draft
        return None

    def voice_since(self, start: int) -> float:
        """Seconds of speech after a sample."""
        after = _after(self.voiced, start)
        return sum(end - begin for begin, end in after) / SAMPLE_RATE

    def split(self, at: int) -> "OpenUtterance":
        """Give the part before a sample away, closed; this is now the rest."""
        first = replace(self, voiced=_before(self.voiced, at), closed=True)
        first.speech_end = at
        self.id, self.rev, self.text = _new_id(), 0, ""
        self.start, self.voiced = at, _after(self.voiced, at)
        self.settled = None
        self.stabiliser, self.draft, self.wants_cut = Stabiliser(), None, False
        self.heard, self.asked, self.detector, self.rules = at, at, None, {}
        return first


Spans = list[tuple[int, int]]


def _before(spans: Spans, at: int) -> Spans:
    return [(start, min(end, at)) for start, end in spans if start < at]


def _after(spans: Spans, at: int) -> Spans:
    return [(max(start, at), end) for start, end in spans if end > at]
