"""Recorded sound: cut at pauses, decoded in batches at low priority, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from transcription.speech import compose
from transcription.speech.captions import Utterance
from transcription.speech.context import previous_text
from transcription.speech.endpoint import Rules
from transcription.speech.jobs import RecordedJob
from transcription.speech.languages import Tongue
from transcription.speech.scheduler import Scheduler
from transcription.speech.sound import SAMPLE_RATE, Floats, Samples, to_float
from transcription.speech.talk import Talk
from transcription.speech.track import Track

AHEAD = 16  # windows of one recording that wait for the model at a time


class Sent(NamedTuple):
    """An utterance on its way through the model."""

    talk: Talk
    job: RecordedJob


class Transcription:
    """One recording on its way through the engine."""

    def __init__(self, scheduler: Scheduler, rules: Rules, tongue: Tongue) -> None:
        self.utterances: list[Utterance] = []
        self._scheduler = scheduler
        self._track = Track(0.0, rules)
        self._tongue = tongue
        self._sent: deque[Sent] = deque()

    def hear(self, samples: Floats) -> Iterator[Utterance]:
        """Take the next samples; yields the utterances that are done by now."""
        chances = self._track.hear(samples)
        for talk in self._track.take(samples, chances, 0.0):
            yield from self._send(talk)
        running = self._track.talk
        if running and running.wants_cut:
            first = self._cut(running)
            yield from self._send(first, running.start)

    def finish(self) -> Iterator[Utterance]:
        """The sound has ended; yields the rest."""
        talk = self._track.finish()
        if talk:
            yield from self._send(talk)
        while self._sent:
            yield from self._collect()

    def cancel(self) -> None:
        """Take back what waits for the model."""
        self._scheduler.withdraw([sent.job for sent in self._sent])

    @property
    def done_until(self) -> float:
        """Seconds of sound that are written down."""
        talks = [sent.talk for sent in self._sent] + [self._track.talk]
        undone = (talk.start for talk in talks if talk)
        return min(undone, default=self._track.end) / SAMPLE_RATE

    def _cut(self, talk: Talk) -> Talk:
        """Cut a long utterance in its second half, where it is quietest."""
        half = (self._track.end - talk.start) // 2
        at = self._track.quietest(talk.start + half + half // 2, half // 2)
        return self._track.cut(talk, at)

    def _send(self, talk: Talk, end: int | None = None) -> Iterator[Utterance]:
        """Queue an utterance, of which the sound after ``end`` belongs to the next."""
        if talk.speech >= self._track.rules.click:
            end = end or self._track.reach(talk)
            language, rules_for = self._tongue.language, self._scheduler.rules_for
            job = RecordedJob(
                mels=self._track.excerpt(talk.start, end),
                start=talk.start,
                end=end,
                language=language,
                allowed=self._tongue.allowed,
                previous=previous_text(language, rules_for),
            )
            if whisper := self._scheduler.whisper:
                job.window(whisper.bank, whisper.bucket(job.frames))  # mels, once
            self._scheduler.add(job)
            self._sent.append(Sent(talk, job))
        self._track.release(talk)
        ahead = AHEAD if self._tongue.language else 0  # first find the language
        while self._sent and (
            self._sent[0].job.result.done() or len(self._sent) > ahead
        ):
            yield from self._collect()

    def _collect(self) -> Iterator[Utterance]:
        """Wait for the oldest utterance; what has no text is left out."""
        talk, job = self._sent[0]
        line = job.result.result()
        self._sent.popleft()
        self._tongue.vote(line.languages, talk.speech)
        rules = self._scheduler.rules_for(line.language)
        said = compose.utterance(self._track, talk, line, rules)
        if said.text or said.removals:
            self.utterances.append(said)
            yield said


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
    on_utterance: Callable[[Utterance], None] | None,
    on_progress: Callable[[float], None] | None,
    should_stop: Callable[[], bool] | None,
) -> list[Utterance]:
    """Drive one recording through; see ``Engine.transcribe``."""

    def report(said: Iterable[Utterance]) -> None:
        for utterance in said:
            if on_utterance:
                on_utterance(utterance)
        if on_progress and duration:
            on_progress(min(work.done_until / duration, 1.0))

    for chunk in chunks(samples):
        if should_stop and should_stop():
            work.cancel()
            return work.utterances
        report(work.hear(chunk))
    report(work.finish())
    return work.utterances
