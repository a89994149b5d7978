"""One person's live sound on its way to captions."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Condition, Event, Lock, RLock
from time import monotonic
from typing import NamedTuple

import numpy as np

from transcription.speech.audio.endpoint import EndpointRules
from transcription.speech.audio.sound import SAMPLE_RATE, Floats, Samples, to_float
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.engine.open_utterance import OpenUtterance
from transcription.speech.engine.voice_track import VoiceTrack

logger = logging.getLogger(__name__)

JUMP = 0.05  # s by which a chunk may miss its time before it is a gap
SLIP = 0.015  # s by which it is late when a frame before it is missing
BACKLOG = 60.0  # s of sound that may wait to be heard
DRY = 1.0  # s without any sound after which an utterance is over


class Chunk(NamedTuple):
    """Sound as it was handed in; ``arrived`` is on the monotonic clock."""

    samples: Floats
    t: float
    arrived: float

    @property
    def end(self) -> float:
        """The time after its last sample."""
        return self.t + len(self.samples) / SAMPLE_RATE


class Final(NamedTuple):
    """An utterance that has ended and waits for its final."""

    stream: "Stream"
    track: VoiceTrack
    utterance: OpenUtterance
    since: float


class WorkBoard:
    """What is ready for the model: the streams and the finals, first in, first out."""

    def __init__(self) -> None:
        lock = RLock()
        self.changed = Condition(lock)  # there may be work
        self.settled = Condition(lock)  # there may be nothing left to say
        self.streams: list[Stream] = []
        self.finals: deque[Final] = deque()

    def first_finals(self) -> list[Final]:
        """The oldest final of each stream: a person's lines come in their order."""
        firsts: dict[int, Final] = {}
        for final in self.finals:
            firsts.setdefault(id(final.stream), final)
        return list(firsts.values())

    def retire(self) -> None:
        """Let go of the streams that are closed and have said everything."""
        with self.settled:
            for stream in [stream for stream in self.streams if stream.over()]:
                self.streams.remove(stream)
                stream.closed.set()
            self.settled.notify_all()


class Stream:
    """One person's live sound; made by ``Engine.open_stream``."""

    def __init__(
        self,
        inbox: SimpleQueue["Stream | None"],
        board: WorkBoard,
        on_caption: Callable[[Caption], None],
        detector: LanguageDetector,
        label: str,
        rules: EndpointRules,
    ) -> None:
        self.label = label
        self.detector = detector
        self.track = VoiceTrack(0.0, rules)
        self.lock = Lock()  # over the track
        self.turn = Lock()  # over the order of events; taken before the other
        self.closed = Event()  # set after the last event
        self._inbox, self._board = inbox, board
        self._on_caption = on_caption
        self._rules = rules
        self._chunks: deque[Chunk] = deque()
        self._expected: float | None = None  # the time of the next chunk
        self._closing = False
        self._listening = False
        self._pending = 0  # finals that are due

    def hear(self, samples: Samples, t: float) -> None:
        """Take mono 16 kHz samples; ``t`` is the time of the first one, in seconds.

        Never blocks, any thread. A gap in ``t`` ends the utterance.
        Raises ValueError or TypeError for what is no mono sound.
        """
        chunk = Chunk(to_float(samples), t, monotonic())
        if self._closing or not len(chunk.samples):
            return
        self._chunks.append(chunk)
        self._inbox.put(self)

    def set_language(self, language: str | None) -> None:
        """Take another language from the next line on; None: detect it again.

        Any thread. Raises ValueError for a code that Whisper does not know.
        """
        with self.lock:
            self.detector = LanguageDetector(language, self.detector.allowed)

    def set_allowed(self, allowed: Sequence[str]) -> None:
        """Detect among other languages from the next line on.

        A language that was detected before stays when it is one of them. Any thread.
        Raises ValueError for a code that Whisper does not know.
        """
        with self.lock:
            self.detector = self.detector.among(allowed)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that was heard is captioned; false after ``timeout`` s."""
        with self._board.settled:
            return self._board.settled.wait_for(self._settled, timeout)

    def close(self) -> None:
        """End the last utterance as a final; no event comes after that."""
        self._closing = True
        self._inbox.put(self)

    # What follows is called by the engine's threads only.

    def detector_of(self, utterance: OpenUtterance) -> LanguageDetector:
        """Of a line: the person's when its first sound was heard."""
        utterance.detector = utterance.detector or self.detector
        return utterance.detector

    def listen(self) -> None:
        """Hear the chunks that came in."""
        if self._chunks or self._closing:  # else an earlier call took them
            self._busily(self._listen)

    def run_dry(self) -> None:
        """End the running utterance: no sound comes any more."""
        self._busily(self._finish)

    def dry(self, now: float) -> bool:
        """Whether an utterance runs and no sound has come for a while."""
        utterance = self.track.utterance
        silent = now - self.track.arrival(self.track.end) > DRY
        return bool(utterance) and not self._chunks and silent

    def say(self, caption: Caption) -> None:
        """Hand an event to the listener; his errors are his own."""
        try:
            self._on_caption(caption)
        except Exception:
            logger.exception("The listener to captions of %r failed", self.label)

    def settle(self) -> None:
        """Note that one final is out."""
        with self._board.changed:
            self._pending -= 1
        self._board.retire()

    def again(self, final: Final) -> None:
        """Put the rest of a long utterance back in front of the queue."""
        with self._board.changed:
            self._board.finals.appendleft(final)

    def over(self) -> bool:
        """Whether the stream is closed and everything is said."""
        return self._closing and self._settled()

    def _settled(self) -> bool:
        heard = not self._chunks and not self._listening
        return heard and self.track.utterance is None and self._pending == 0

    def _busily(self, work: Callable[[], None]) -> None:
        """Work on the track; nothing is settled meanwhile."""
        self._listening = True
        try:
            work()
        finally:
            self._listening = False
            self._board.retire()

    def _listen(self) -> None:
        while self._chunks:
            self._shed()
            self._hear(self._joined())
        if self._closing:
            self._finish()

    def _finish(self) -> None:
        with self.lock:
            utterance = self.track.finish()
        if utterance:
            self._enqueue([utterance])

    def _joined(self) -> Chunk:
        """The first chunk with all that follow it without a gap."""
        first = last = self._chunks.popleft()
        parts = [first.samples]
        while self._chunks and abs(self._chunks[0].t - last.end) < SLIP:
            last = self._chunks.popleft()
            parts.append(last.samples)
        return Chunk(np.concatenate(parts), first.t, last.arrived)

    def _shed(self) -> None:
        """Drop the oldest sound when more waits than can be caught up with."""
        # A copy, made in one step: the feeding thread appends meanwhile.
        chunks = tuple(self._chunks)
        waiting = sum(len(chunk.samples) for chunk in chunks) / SAMPLE_RATE
        while waiting > BACKLOG and len(self._chunks) > 1:
            lost = self._chunks.popleft()
            waiting -= len(lost.samples) / SAMPLE_RATE

    def _hear(self, chunk: Chunk) -> None:
        late = JUMP if self._expected is None else chunk.t - self._expected
        if abs(late) >= JUMP:
            self._finish()
            with self.lock:
                self.track = VoiceTrack(chunk.t, self._rules)
            self._expected = chunk.t
        elif late >= SLIP:  # a frame is missing: many of them would shift the clock
            missing = np.zeros(round(late * SAMPLE_RATE), np.float32)
            self._take(missing, chunk.arrived)
            self._expected = chunk.t
        assert self._expected is not None
        self._expected += len(chunk.samples) / SAMPLE_RATE
        for start in range(0, len(chunk.samples), SAMPLE_RATE):
            self._take(chunk.samples[start : start + SAMPLE_RATE], chunk.arrived)

    def _take(self, samples: Floats, arrived: float) -> None:
        chances = self.track.hear(samples)
        with self.lock:
            ended = self.track.take(samples, chances, arrived)
            for utterance in [*ended, self.track.utterance]:
                if utterance:
                    self.detector_of(utterance)
        if ended or self.track.utterance:
            self._enqueue(ended)

    def _enqueue(self, utterances: list[OpenUtterance]) -> None:
        with self._board.changed:
            for utterance in utterances:
                self._pending += 1
                self._board.finals.append(
                    Final(self, self.track, utterance, monotonic())
                )
            self._board.changed.notify_all()
