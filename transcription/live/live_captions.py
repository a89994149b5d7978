"""Live captions: one stream of the engine per recorded person, events out to the hub.

``begin`` and ``end`` run on the media thread, ``hear`` on a thread of each person and
``_said`` on the engine's thread: all only hand over. Who speaks is looked up by one
thread, rows are written by another, so no caption waits for the database.
"""

import time
from collections import Counter
from functools import partial
from queue import SimpleQueue
from threading import Condition, Thread

import structlog
from django.apps import apps
from django.conf import settings
from django.db import close_old_connections

from meetings.media.pcm import PCMChunk
from meetings.models import Participant
from meetings.outage import insist
from meetings.rooms import calls
from meetings.rooms.leases import Fenced, fenced
from transcription import rows
from transcription.live import messages
from transcription.live.echoes import EchoGuard
from transcription.live.hub import Hubs
from transcription.live.session import CaptionSession, Introduction
from transcription.speech.engine.captions import Caption
from transcription.tuning import snapshot
from transcription.tuning.snapshot import Snapshot

log = structlog.get_logger(__name__)

Final = tuple[Caption, Introduction]
FLUSH_SECONDS = 10.0


class LiveCaptions:
    """The captions of all calls of this process. All methods but ``finish``,
    ``conclude``, ``follow`` and ``stop`` return at once."""

    def __init__(self) -> None:
        self.hubs = Hubs(messages.finals_of, calls.lease_of)
        self.echoes = EchoGuard()
        self._sessions: dict[int, CaptionSession] = {}  # by participant
        self._ending: list[CaptionSession] = []  # closed, perhaps not all is said yet
        self._arrived: SimpleQueue[CaptionSession | None] = SimpleQueue()
        self._finals: SimpleQueue[Final | None] = SimpleQueue()
        self._pending: Counter[int] = Counter()  # meeting -> finals not yet rows
        self._changed = Condition()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Start the threads, unless they run: the first person who speaks does it."""
        with self._changed:
            if self._threads:
                return
            self._threads = [
                Thread(target=self._introduce_people, name="caption-people"),
                Thread(target=self._write_finals, name="caption-writer"),
            ]
            for thread in self._threads:
                thread.daemon = True
                thread.start()

    def stop(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Write what is said so far and end the threads; false when the database takes
        longer. Stop the engine first: it says the last lines."""
        with self._changed:
            threads, self._threads = self._threads, []
        if threads:
            self._arrived.put(None)
            self._finals.put(None)
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def session(self, participant_id: int) -> CaptionSession | None:
        """Of somebody who is heard now."""
        return self._sessions.get(participant_id)

    def begin(self, meeting_id: int, participant_id: int) -> None:
        """A recorded person can be heard from now on."""
        self.start()
        lease = calls.lease_of(meeting_id)
        session = CaptionSession(meeting_id, participant_id, self._said, lease)
        old = self._sessions.get(participant_id)
        self._sessions[participant_id] = session
        self._arrived.put(session)
        if old:
            session.sounds += old.sounds
            self._close(old)

    def hear(self, participant_id: int, chunk: PCMChunk) -> None:
        """On the thread of that person's sound."""
        if session := self._sessions.get(participant_id):
            self.echoes.hear(session.meeting_id, participant_id, chunk)
            session.hear(chunk)

    def end(self, meeting_id: int, participant_id: int) -> None:
        """The person left or is no longer recorded; what was said becomes a last
        final."""
        session = self._sessions.get(participant_id)
        if session is None:
            return
        session.sounds -= 1
        if session.sounds == 0:
            self._sessions.pop(participant_id, None)
            self._close(session)

    def follow(self, now: Snapshot) -> None:
        """Somebody's language may be another one: those who speak now are told."""
        sessions = dict(self._sessions)
        rows = Participant.objects.select_related("meeting").in_bulk(list(sessions))
        for pk, session in sessions.items():
            session.allow(now.allowed)
            if row := rows.get(pk):
                session.speak(language_of(row))

    def conclude(self, meeting_id: int, timeout: float = FLUSH_SECONDS) -> bool:
        """Close what is still heard of a meeting that is over, and wait until every
        line of it is a row; false when that takes longer. After true no live line
        comes any more."""
        deadline = time.monotonic() + timeout
        for session in list(self._sessions.values()):
            if session.meeting_id == meeting_id:
                self._sessions.pop(session.participant_id, None)
                self._close(session)
        said = [
            session.wait(max(0.0, deadline - time.monotonic()))
            for session in list(self._ending)
            if session.meeting_id == meeting_id
        ]
        with self._changed:
            written = self._changed.wait_for(
                lambda: not self._pending[meeting_id],
                max(0.0, deadline - time.monotonic()),
            )
        return all(said) and written

    def finish(self, meeting_id: int) -> None:
        """The meeting is over: its lines are rows, its viewers have had their
        finals."""
        if not self.conclude(meeting_id):
            log.warning("the last lines take their time", meeting=meeting_id)
        self.hubs.close(meeting_id)
        self.echoes.forget(meeting_id)

    def _close(self, session: CaptionSession) -> None:
        session.close()
        with self._changed:  # people leave on one thread, meetings end on another
            waiting = [other for other in self._ending if not other.over]
            self._ending = [*waiting, session]

    def _said(self, known: Introduction, caption: Caption) -> None:
        for who, line in self.echoes.judge(known, caption):
            self._tell(who, line)

    def _tell(self, known: Introduction, caption: Caption) -> None:
        known.hub.publish(messages.message(caption, known.speaker))
        if caption.final:
            with self._changed:
                self._pending[known.speaker.meeting_id] += 1
            self._finals.put((caption, known))

    # -- the threads

    def _introduce_people(self) -> None:
        """Ask the database who it is that speaks."""
        while (session := self._arrived.get()) is not None:
            try:
                known = insist(partial(self._introduction, session), "who speaks")
                session.introduce(known)
            except Participant.DoesNotExist:
                log.warning("nobody is captioned", participant=session.participant_id)
                session.introduce(None)
            except Exception:
                log.exception("a person has no captions", person=session.participant_id)
                session.introduce(None)
            close_old_connections()  # as after a request: none is kept over a pause

    def _introduction(self, session: CaptionSession) -> Introduction:
        people = Participant.objects.select_related("meeting")
        speaker = people.get(pk=session.participant_id)
        if speaker.is_tab:
            self.echoes.begin(session.meeting_id, speaker.pk)
        snapshot.current()  # read here on first use, then known without a query
        hub = self.hubs.get(session.meeting_id)
        return Introduction(speaker, hub, language_of(speaker), session.lease)

    def _write_finals(self) -> None:
        """Turn finals into rows."""
        while (final := self._finals.get()) is not None:
            caption, known = final
            try:
                insist(partial(_keep, caption, known), "a line")
            except Fenced as why:
                log.warning("a line is of a former holder", why=str(why))
            except Exception:
                log.exception("a line is not kept", utterance=caption.utterance_id)
            close_old_connections()
            with self._changed:
                self._pending[known.speaker.meeting_id] -= 1
                self._changed.notify_all()


def _keep(caption: Caption, known: Introduction) -> None:
    with fenced(known.lease):
        rows.save_final(caption, known.speaker)


def current() -> LiveCaptions:
    """The live captions of this process."""
    live = apps.get_app_config("transcription").live  # type: ignore[attr-defined]
    assert isinstance(live, LiveCaptions)
    return live


def language_of(speaker: Participant) -> str | None:
    """What the person, the meeting or the site says; None: detected."""
    default = settings.CAPTION_LANGUAGE
    chosen = speaker.language or speaker.meeting.language
    return chosen or (default if default != "auto" else None)
