"""Recorded sound: cut at pauses, decoded in batches at low priority, in order.

Utterances that follow each other share a window as long as they fit: a real Whisper has
learned on 30 s, and with their context it writes fewer errors.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from transcription.speech.audio.endpoint import EndpointRules
from transcription.speech.audio.features import HOP, bucket
from transcription.speech.audio.sound import SAMPLE_RATE, Floats, Samples, to_float
from transcription.speech.engine import compose, cutting
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.engine.open_utterance import OpenUtterance
from transcription.speech.engine.packing import PackedWindow, Slot
from transcription.speech.engine.scheduler import Scheduler
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.engine.work import RecordedJob
from transcription.speech.model import guards
from transcription.speech.model.context import previous_text
from transcription.speech.model.windows import Decoded

AHEAD = 16  # windows of one recording that wait for the model at a time
FULL = 29.0  # s that a window holds at most, of a model that learned on 30 s
SHORT = 14.0  # s, of one that reads shorter windows as well
PAUSE = 2.0  # s of silence that end a short window: it costs what it holds
MATTER = 28.0  # s that end any: what follows is another matter
MISSED = 1.0  # s of speech without a word that are listened to again
_LONGEST = 12.0  # s from which an utterance is cut where it is quietest


class Sent(NamedTuple):
    """Utterances on their way through the model, in one window."""

    window: PackedWindow
    job: RecordedJob


class Transcription:
    """One recording on its way through the engine."""

    def __init__(
        self, scheduler: Scheduler, rules: EndpointRules, detector: LanguageDetector
    ) -> None:
        self.heard: list[HeardUtterance] = []
        self._scheduler = scheduler
        rules = replace(rules, longest=min(rules.longest, _LONGEST))
        self._track = VoiceTrack(0.0, rules)
        self._detector = detector
        self._gathered: PackedWindow | None = None  # what is sent next
        self._sent: deque[Sent] = deque()

    def hear(self, samples: Floats) -> Iterator[HeardUtterance]:
        """Take the next samples; yields the utterances that are done by now."""
        chances = self._track.hear(samples)
        for utterance in self._track.take(samples, chances, 0.0):
            yield from self._gather(utterance, self._track.reach(utterance))
        running = self._track.utterance
        if running and running.wants_cut:
            first = self._cut(running)
            yield from self._gather(first, running.start)
        yield from self._without_next()

    def finish(self) -> Iterator[HeardUtterance]:
        """The sound has ended; yields the rest."""
        utterance = self._track.finish()
        if utterance:
            yield from self._gather(utterance, self._track.reach(utterance))
        yield from self._send()
        while self._sent:
            yield from self._collect()

    def cancel(self) -> None:
        """Take back what waits for the model."""
        self._scheduler.withdraw([sent.job for sent in self._sent])

    @property
    def done_until(self) -> float:
        """Seconds of sound that are written down."""
        windows = [sent.window for sent in self._sent]
        windows += [self._gathered] if self._gathered else []
        undone = [window.utterances[0].start for window in windows]
        if self._track.utterance:
            undone.append(self._track.utterance.start)
        return min(undone, default=self._track.end) / SAMPLE_RATE

    def _cut(self, utterance: OpenUtterance) -> OpenUtterance:
        """Cut a long utterance in its second half, where it is quietest."""
        half = (self._track.end - utterance.start) // 2
        at = self._track.quietest(utterance.start + half + half // 2, half // 2)
        return self._track.cut(utterance, at)

    def _gather(self, utterance: OpenUtterance, end: int) -> Iterator[HeardUtterance]:
        """Put an utterance, whose sound ends at a sample, into the next window."""
        self._track.release(utterance)  # what is needed of its sound is copied here
        if utterance.speech < self._track.rules.click:
            return
        if self._gathered:
            length = self._gathered.length_with(self._track, utterance, end)
            pause = utterance.start - self._gathered.end
            if length > self._room * SAMPLE_RATE or pause > self._pause * SAMPLE_RATE:
                yield from self._send()
        if self._gathered:
            self._gathered.add(self._track, utterance, end)
        else:
            self._gathered = PackedWindow(self._track, utterance, end)

    @property
    def _room(self) -> float:
        whisper = self._scheduler.whisper
        return FULL if whisper and whisper.is_long_sighted else SHORT

    @property
    def _pause(self) -> float:
        """Seconds of silence that end a window."""
        return PAUSE if self._room == SHORT else MATTER

    def _without_next(self) -> Iterator[HeardUtterance]:
        """Send what is gathered when nothing that comes could be added any more."""
        if self._gathered and not self._track.utterance:
            silent = self._track.end - self._gathered.end
            if silent > (self._pause + 1.0) * SAMPLE_RATE:
                yield from self._send()

    def _send(self) -> Iterator[HeardUtterance]:
        """Queue what is gathered as one window."""
        if self._gathered:
            job = self._job(self._gathered)
            self._scheduler.add(job)
            self._sent.append(Sent(self._gathered, job))
            self._gathered = None
        ahead = AHEAD if self._detector.language else 0  # the first one tells it
        while self._sent and (
            self._sent[0].job.result.done() or len(self._sent) > ahead
        ):
            yield from self._collect()

    def _job(self, window: PackedWindow) -> RecordedJob:
        language, rules_for = self._detector.language, self._scheduler.rules_for
        job = RecordedJob(
            mels=window.mels,
            start=0,
            end=window.length,
            language=language,
            allowed=self._detector.allowed,
            previous=previous_text(language, rules_for),
        )
        if whisper := self._scheduler.whisper:
            length = bucket(job.frames, whisper.shortest_recorded)
            job.window(whisper.bank, length)  # its mels, once
        return job

    def _collect(self) -> Iterator[HeardUtterance]:
        """Wait for the oldest window; an utterance that has no text is left out."""
        window, job = self._sent[0]
        line = job.result.result()
        self._sent.popleft()
        utterances = window.utterances
        self._detector.vote(
            line.languages, sum(utterance.speech for utterance in utterances)
        )
        rules = self._scheduler.rules_for(line.language)
        for slot, part in window.shared(line):
            if part.words or len(utterances) > 1:
                part = self._whole(slot, part, job)
            said = compose.heard_utterance(self._track, slot.utterance, part, rules)
            if said.text or said.removals:
                self.heard.append(said)
                yield said

    def _whole(self, slot: Slot, line: Decoded, job: RecordedJob) -> Decoded:
        """The line of an utterance; what of it is missing, or a loop, is heard alone.

        Beside others, a short answer or a word that was cut off falls under the table.
        """
        utterance = slot.utterance
        afresh = not line.words or guards.repeats(line.text)
        heard = utterance.start
        if not afresh:
            heard += int(line.words[-1].end * SAMPLE_RATE)
            if utterance.voice_since(heard) < MISSED:
                return line
        start = max(slot.inside(heard), slot.at) // HOP * HOP
        end = min(slot.inside(utterance.speech_end) + HOP * 20, job.end)
        language = job.language or line.language  # a word alone does not tell it
        again = replace(job, start=start, end=end, language=language, result=Future())
        self._scheduler.add(again)
        rest = cutting.later(again.result.result(), (start - slot.at) / SAMPLE_RATE)
        if not line.words:
            return rest
        if guards.repeats(rest.text if afresh else f"{line.text} {rest.text}"):
            return line
        return rest if afresh else cutting.joined(line, rest)


def chunks(samples: Samples | Iterable[Samples]) -> Iterator[Floats]:
    """Pieces of at most a second from one array or many."""
    many = [samples] if isinstance(samples, np.ndarray) else samples
    for piece in many:
        for start in range(0, len(piece), SAMPLE_RATE):
            yield to_float(piece[start : start + SAMPLE_RATE])


def transcribe(
    work: Transcription,
    samples: Samples | Iterable[Samples],
    duration: float | None,
    on_utterance: Callable[[HeardUtterance], None] | None,
    on_progress: Callable[[float], None] | None,
    should_stop: Callable[[], bool] | None,
) -> list[HeardUtterance]:
    """Drive one recording through; see ``Engine.transcribe``."""

    def report(said: Iterable[HeardUtterance]) -> None:
        for utterance in said:
            if on_utterance:
                on_utterance(utterance)
        if on_progress and duration:
            on_progress(min(work.done_until / duration, 1.0))

    try:
        for chunk in chunks(samples):
            if should_stop and should_stop():
                return work.heard
            report(work.hear(chunk))
        report(work.finish())
    finally:
        work.cancel()  # nobody waits for the rest
    return work.heard
