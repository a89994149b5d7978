"""Live captions: one stream of the engine per recorded person, events out to the hub.

``hear`` runs on the media thread and ``_said`` on the engine's thread; both only hand
over. Rows are written by one thread of its own, so no caption waits for the database.
"""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from django.conf import settings
from django.db import OperationalError, close_old_connections

from meetings.media.pcm import PCMChunk
from meetings.models import Participant
from transcription import captions, languages, serving
from transcription.hub import Hub, Hubs
from transcription.languages import Snapshot
from transcription.speech.captions import Caption
from transcription.speech.stream import Stream

log = structlog.get_logger(__name__)

Final = tuple[Caption, Participant]
FLUSH_SECONDS = 10.0
RETRY_SECONDS = 0.5  # a locked database

hubs = Hubs(captions.finals_of)


@dataclass
class CaptionSession:
    """One person's captions; the engine's stream opens as soon as there is a model."""

    speaker: Participant
    hub: Hub
    language: str | None
    stream: Stream | None = None
    sounds: int = 1  # begun and not yet ended: a new one may begin before the old ends
    closed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, chunk: PCMChunk) -> None:
        with self.lock:
            if self.closed:
                return
            self.stream = self.stream or self._open()
            if self.stream:
                self.stream.hear(chunk.samples, chunk.t / 1000)

    def _open(self) -> Stream | None:
        engine = serving.engine()
        if engine is None:
            return None
        said = partial(_said, self)
        return engine.open_stream(
            said,
            self.language,
            label=str(self.speaker.pk),
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
        """What was said becomes a last final; ``flush`` waits for it."""
        with self.lock:
            self.closed = True
            if self.stream:
                self.stream.close()

    @property
    def over(self) -> bool:
        """Whether the last final was said."""
        return self.closed and (self.stream is None or self.stream.closed.is_set())

    def flush(self) -> None:
        if self.stream:
            self.stream.flush(FLUSH_SECONDS)


_sessions: dict[int, CaptionSession] = {}
_ending: list[CaptionSession] = []  # closed, their last finals perhaps not yet said
_finals: "queue.SimpleQueue[Final]" = queue.SimpleQueue()
_pending = 0  # finals said and not yet rows
_settled = threading.Condition()
_writer: threading.Thread | None = None


def begin(meeting_id: int, participant_id: int) -> None:
    """A recorded person can be heard from now on."""
    _start_writer()
    speaker = Participant.objects.select_related("meeting").get(pk=participant_id)
    session = CaptionSession(speaker, hubs.get(meeting_id), language_of(speaker))
    old = _sessions.get(participant_id)
    _sessions[participant_id] = session
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
    session = _sessions.get(participant_id)
    if session:
        session.hear(chunk)


def end(meeting_id: int, participant_id: int) -> None:
    """The person left or is no longer recorded; what was said becomes a last final."""
    session = _sessions.get(participant_id)
    if session is None:
        return
    session.sounds -= 1
    if session.sounds == 0:
        del _sessions[participant_id]
        _close(session)


def _close(session: CaptionSession) -> None:
    session.close()
    with _settled:  # people leave on one thread, meetings end on another
        _ending[:] = [other for other in _ending if not other.over] + [session]


def settle(timeout: float = FLUSH_SECONDS) -> bool:
    """Wait until every final said so far is a row; false when it takes too long."""
    with _settled:
        return _settled.wait_for(lambda: _pending == 0, timeout)


def finish(meeting_id: int) -> None:
    """The meeting is over: its lines are rows, its viewers have had their finals."""
    for pk, session in list(_sessions.items()):
        if session.speaker.meeting_id == meeting_id:
            del _sessions[pk]
            _close(session)
    for session in list(_ending):
        if session.speaker.meeting_id == meeting_id:
            session.flush()
    settle()
    hubs.close(meeting_id)


def _said(session: CaptionSession, caption: Caption) -> None:
    global _pending
    session.hub.publish(captions.message(caption, session.speaker))
    if caption.final:
        with _settled:
            _pending += 1
        _finals.put((caption, session.speaker))


def _start_writer() -> None:
    global _writer
    with _settled:
        if _writer is None:
            _writer = threading.Thread(
                target=_write_finals, name="caption-writer", daemon=True
            )
            _writer.start()


def _write_finals() -> None:
    """The thread that turns finals into rows. Ends with the process."""
    global _pending
    while True:
        caption, speaker = _finals.get()
        _write(caption, speaker)
        close_old_connections()  # as after a request: none is kept over a pause
        with _settled:
            _pending -= 1
            _settled.notify_all()


def _write(caption: Caption, speaker: Participant) -> None:
    while True:
        try:
            captions.save_final(caption, speaker)
            return
        except OperationalError as error:
            log.warning("the database is away, a line waits", error=str(error))
            close_old_connections()
            time.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("a line could not be kept", utterance=caption.utterance_id)
            return
