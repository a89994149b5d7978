"""Live captions: one stream of the engine per recorded person, events out to the hub.

``begin`` and ``end`` run on the media thread, ``hear`` on a thread of each person and
``_said`` on the engine's thread: all only hand over. Who speaks is looked up by one
thread, rows are written by another, so no caption waits for the database.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from django.conf import settings
from django.db import close_old_connections

from meetings.media.pcm import PCMChunk
from meetings.models import Participant
from meetings.outage import insist
from transcription import captions, languages, serving
from transcription.hub import Hub, Hubs
from transcription.languages import Snapshot
from transcription.speech.captions import Caption
from transcription.speech.stream import Stream

log = structlog.get_logger(__name__)

Final = tuple[Caption, Participant]
FLUSH_SECONDS = 10.0
HELD_MS = 60_000  # of sound that waits for its person's name: as much as a stream takes

hubs = Hubs(captions.finals_of)


@dataclass(frozen=True)
class Introduction:
    """What a session needs to know of its person, from the database."""

    speaker: Participant
    hub: Hub
    language: str | None


@dataclass
class CaptionSession:
    """One person's captions.

    Until the database has said who it is, sound is held. The engine's stream opens as
    soon as there is a model.
    """

    meeting_id: int
    participant_id: int
    known: Introduction | None = None
    language: str | None = None
    stream: Stream | None = None
    sounds: int = 1  # begun and not yet ended: a new one may begin before the old ends
    closed: bool = False
    introduced: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
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

    def _pass_on(self, chunk: PCMChunk, known: Introduction) -> None:
        self.stream = self.stream or self._open(known)
        if self.stream:
            self.stream.hear(chunk.samples, chunk.t / 1000)

    def _open(self, known: Introduction) -> Stream | None:
        engine = serving.engine()
        if engine is None:
            return None
        return engine.open_stream(
            partial(_said, known),
            self.language,
            label=str(self.participant_id),
            allowed=languages.current().allowed,
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


_sessions: dict[int, CaptionSession] = {}
_ending: list[CaptionSession] = []  # closed, their last finals perhaps not yet said
_arrived: "queue.SimpleQueue[CaptionSession]" = queue.SimpleQueue()
_finals: "queue.SimpleQueue[Final]" = queue.SimpleQueue()
_pending: Counter[int] = Counter()  # meeting -> finals said and not yet rows
_settled = threading.Condition()
_threads: list[threading.Thread] = []


def begin(meeting_id: int, participant_id: int) -> None:
    """A recorded person can be heard from now on."""
    _start_threads()
    session = CaptionSession(meeting_id, participant_id)
    old = _sessions.get(participant_id)
    _sessions[participant_id] = session
    _arrived.put(session)
    if old:
        session.sounds += old.sounds
        _close(old)


def language_of(speaker: Participant) -> str | None:
    """What the person, the meeting or the site says; None: detected."""
    default = settings.CAPTION_LANGUAGE
    chosen = speaker.language or speaker.meeting.language
    return chosen or (default if default != "auto" else None)


def follow(now: Snapshot) -> None:
    """Somebody's language may be another one: those who speak now are told."""
    rows = Participant.objects.select_related("meeting").in_bulk(list(_sessions))
    for pk, session in list(_sessions.items()):
        session.allow(now.allowed)
        if row := rows.get(pk):
            session.speak(language_of(row))


def hear(participant_id: int, chunk: PCMChunk) -> None:
    """On the thread of that person's sound."""
    if session := _sessions.get(participant_id):
        session.hear(chunk)


def end(meeting_id: int, participant_id: int) -> None:
    """The person left or is no longer recorded; what was said becomes a last final."""
    session = _sessions.get(participant_id)
    if session is None:
        return
    session.sounds -= 1
    if session.sounds == 0:
        _sessions.pop(participant_id, None)
        _close(session)


def _close(session: CaptionSession) -> None:
    session.close()
    with _settled:  # people leave on one thread, meetings end on another
        _ending[:] = [other for other in _ending if not other.over] + [session]


def conclude(meeting_id: int, timeout: float = FLUSH_SECONDS) -> bool:
    """Close what is still heard of a meeting that is over, and wait until every line of
    it is a row; false when that takes longer. After true no live line comes any more.
    """
    deadline = time.monotonic() + timeout
    for session in list(_sessions.values()):
        if session.meeting_id == meeting_id:
            _sessions.pop(session.participant_id, None)
            _close(session)
    said = [
        session.wait(max(0.0, deadline - time.monotonic()))
        for session in list(_ending)
        if session.meeting_id == meeting_id
    ]
    with _settled:
        written = _settled.wait_for(
            lambda: not _pending[meeting_id], max(0.0, deadline - time.monotonic())
        )
    return all(said) and written


def finish(meeting_id: int) -> None:
    """The meeting is over: its lines are rows, its viewers have had their finals."""
    if not conclude(meeting_id):
        log.warning("the last lines take their time", meeting=meeting_id)
    hubs.close(meeting_id)


def _said(known: Introduction, caption: Caption) -> None:
    known.hub.publish(captions.message(caption, known.speaker))
    if caption.final:
        with _settled:
            _pending[known.speaker.meeting_id] += 1
        _finals.put((caption, known.speaker))


def _start_threads() -> None:
    """On first use; they end with the process."""
    with _settled:
        if not _threads:
            for name, work in (
                ("caption-people", _introduce_people),
                ("caption-writer", _write_finals),
            ):
                _threads.append(threading.Thread(target=work, name=name, daemon=True))
                _threads[-1].start()


def _introduce_people() -> None:
    """The thread that asks the database who it is that speaks."""
    while True:
        session = _arrived.get()
        try:
            session.introduce(insist(partial(_introduction, session), "who speaks"))
        except Participant.DoesNotExist:
            log.warning("nobody is captioned", participant=session.participant_id)
            session.introduce(None)
        except Exception:
            log.exception("a person has no captions", person=session.participant_id)
            session.introduce(None)
        close_old_connections()  # as after a request: none is kept over a pause


def _introduction(session: CaptionSession) -> Introduction:
    people = Participant.objects.select_related("meeting")
    speaker = people.get(pk=session.participant_id)
    languages.current()  # read here on first use, then known without a query
    return Introduction(speaker, hubs.get(session.meeting_id), language_of(speaker))


def _write_finals() -> None:
    """The thread that turns finals into rows."""
    while True:
        caption, speaker = _finals.get()
        try:
            insist(partial(captions.save_final, caption, speaker), "a line")
        except Exception:
            log.exception("a line could not be kept", utterance=caption.utterance_id)
        close_old_connections()
        with _settled:
            _pending[speaker.meeting_id] -= 1
            _settled.notify_all()
