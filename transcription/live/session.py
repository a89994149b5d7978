"""One person's sound on its way to captions."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from meetings.media.pcm import PCMChunk
from meetings.models import Participant
from meetings.rooms.leases import Lease
from transcription.live.hub import Hub
from transcription.serving import server
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.streams import Stream
from transcription.tuning import snapshot

log = structlog.get_logger(__name__)

HELD_MS = 60_000  # of sound that waits for its person's name: as much as a stream takes


@dataclass(frozen=True)
class Introduction:
    """What a session needs to know of its person, from the database."""

    speaker: Participant
    hub: Hub
    language: str | None
    lease: Lease | None = None  # under which the room was held when the sound began


@dataclass
class CaptionSession:
    """One person's captions.

    Until the database has said who it is, sound is held. The engine's stream opens as
    soon as there is a model.
    """

    meeting_id: int
    participant_id: int
    on_caption: Callable[[Introduction, Caption], None]  # on the engine's thread
    lease: Lease | None = None
    known: Introduction | None = None
    language: str | None = None
    stream: Stream | None = None
    sounds: int = 1  # begun and not yet ended: a new one may begin before the old ends
    closed: bool = False
    introduced: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    shed: bool = False  # sound that was held too long
    held: deque[PCMChunk] = field(default_factory=deque)

    def hear(self, chunk: PCMChunk) -> None:
        with self.lock:
            if self.closed:
                return
            if self.known is None:
                self._hold(chunk)
            else:
                self._pass_on(chunk, self.known)

    def introduce(self, known: Introduction | None) -> None:
        """Caption what was held; None: there is no such person any more."""
        with self.lock:
            if known is None:
                self.closed = True
            else:
                self.known, self.language = known, known.language
                for chunk in self.held:
                    self._pass_on(chunk, known)
                if self.closed and self.stream:
                    self.stream.close()
            self.held.clear()
        self.introduced.set()

    def _hold(self, chunk: PCMChunk) -> None:
        self.held.append(chunk)
        while chunk.t - self.held[0].t > HELD_MS:
            self.held.popleft()
            if not self.shed:
                log.error("captions lose sound", participant=self.participant_id)
            self.shed = True

    def _pass_on(self, chunk: PCMChunk, known: Introduction) -> None:
        self.stream = self.stream or self._open(known)
        if self.stream:
            self.stream.hear(chunk.samples, chunk.t / 1000)

    def _open(self, known: Introduction) -> Stream | None:
        engine = server.here().engine()
        if engine is None:
            return None
        return engine.open_stream(
            partial(self.on_caption, known),
            self.language,
            label=str(self.participant_id),
            allowed=snapshot.current().allowed,
        )

    def speak(self, language: str | None) -> None:
        """The person's language from the next line on; None: detect it."""
        with self.lock:
            if language != self.language:
                self.language = language
                if self.stream:
                    self.stream.set_language(language)

    def allow(self, allowed: Sequence[str]) -> None:
        """Detect the person's language among these from the next line on."""
        with self.lock:
            if self.stream:
                self.stream.set_allowed(allowed)

    def close(self) -> None:
        """What was said becomes a last final; ``wait`` waits for it."""
        with self.lock:
            self.closed = True
            if self.stream:
                self.stream.close()

    @property
    def over(self) -> bool:
        """Whether the last final was said."""
        return self.wait(0)

    def wait(self, timeout: float) -> bool:
        """Wait until a closed session has said its last final."""
        deadline = time.monotonic() + timeout
        if not self.introduced.wait(timeout):
            return False
        left = max(0.0, deadline - time.monotonic())
        return self.closed and (self.stream is None or self.stream.closed.wait(left))
