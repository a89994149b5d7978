"""Sources of the calls that this process holds: pulls are run here, and who may no
longer be in a call is put out.

The rows say what is wanted; `look` does as they say, by an order and every 5 s.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from functools import partial

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import Q

from meetings.media.errors import MediaError
from meetings.media.ingress import libsrt
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.base import Ingress, IngressState
from meetings.media.ingress.hls import HLSIngress
from meetings.media.ingress.srt import SRTCaller
from meetings.media.loop import MediaLoop
from meetings.models import Meeting, Source
from meetings.rooms.calls import Rooms
from meetings.rooms.leases import HeldElsewhere
from meetings.services import MeetingOver, start_meeting
from meetings.sources.states import StateWriter

log = structlog.get_logger(__name__)

STOPPING = 2.0  # s for pulls to end
Make = Callable[..., Ingress]  # (participant id, label, url, recorded=...)


def known_pulls() -> dict[str, Make]:
    """Kind -> what makes a pull, of the kinds that this machine can pull."""
    policy = AddressPolicy(settings.SOURCE_NETWORKS)
    pulls: dict[str, Make] = {Source.Kind.HLS: partial(HLSIngress, policy=policy)}
    if libsrt.is_here():
        pulls[Source.Kind.SRT] = partial(SRTCaller, policy=policy)
    return pulls


class Sources:
    """The sources of the rooms of this process; one look at a time."""

    def __init__(
        self,
        rooms: Rooms,
        loop: MediaLoop,
        states: StateWriter,
        kinds: Mapping[str, Make] | None = None,
    ) -> None:
        self._rooms = rooms
        self._loop = loop
        self._states = states
        self._kinds = known_pulls() if kinds is None else kinds
        self._pulls: dict[int, tuple[int, Ingress]] = {}  # person -> meeting, pull
        self._over: set[int] = set()  # people whose pull ended by itself
        self._lock = threading.Lock()
        self._stopped = False

    def look_around(self) -> None:
        """All calls held here, and pulls that nobody runs: from a thread, often."""
        for meeting_id in {*self._rooms.leases.held(), *_awaited()}:
            try:
                self.look(meeting_id)
            except Exception:  # the others have a turn, too
                log.exception("sources were not looked after", meeting=meeting_id)

    def look(self, meeting_id: int) -> None:
        """Do as the rows of this meeting say. From a thread; the database is used."""
        with self._lock:
            if not self._stopped:
                self._look(meeting_id)

    def end(self, meeting_id: int) -> None:
        """The call is about to be over: its pulls end while its room is open."""
        with self._lock:
            self._stop(self._running(meeting_id), Source.State.COMPLETE)

    def carry(self, meeting_id: int, person: int, ingress: Ingress) -> None:
        """Look after a source that has come by itself as after a pull. On the media
        loop, before it starts."""
        self._pulls[person] = (meeting_id, ingress)
        ingress.listen(partial(self._note, person))
        self._states.tell(person, Source.State.BUFFERING)

    def refuse(self, person: int, why: str) -> None:
        """A source wanted to come in by itself, and cannot."""
        self._states.tell(person, Source.State.ERROR, why)

    def let_go(self, meeting_id: int) -> None:
        """Another process holds the call, and pulls what is wanted."""
        with self._lock:
            self._stop(self._running(meeting_id))

    def stop(self) -> None:
        """The process stops; the rows still want what they wanted."""
        with self._lock:
            self._stopped = True
            self._stop(list(self._pulls), Source.State.INACTIVE)

    def _running(self, meeting_id: int) -> set[int]:
        return {p for p, (of, _) in list(self._pulls.items()) if of == meeting_id}

    def _look(self, meeting_id: int) -> None:
        rows = Source.objects.filter(meeting_id=meeting_id).select_related(
            "participant__meeting", "meeting"
        )
        usable = {row.participant_id: row for row in rows if row.is_usable}
        running = self._running(meeting_id)
        self._stop(running - usable.keys(), Source.State.INACTIVE)
        for person in set(self._rooms.sources(meeting_id)) - usable.keys():
            async_to_sync(self._rooms.remove)(meeting_id, person)
        for person, row in usable.items():
            if row.is_pulled and person not in running and self._is_due(row):
                self._start(row)

    def _is_due(self, row: Source) -> bool:
        """Not what has just ended by itself, and whose row does not say so yet."""
        if row.state == Source.State.INACTIVE:
            self._over.discard(row.participant_id)
        return row.participant_id not in self._over

    def _start(self, row: Source) -> None:
        person = row.participant
        if (make := self._kinds.get(row.kind)) is None:
            reason = f"This server cannot pull {row.get_kind_display()}."
            self._states.tell(person.pk, Source.State.ERROR, reason)
            return
        try:
            start_meeting(row.meeting)
            person.meeting = row.meeting
            room = async_to_sync(self._rooms.expect)(person, row.kind)
        except HeldElsewhere:
            return
        except (MediaError, MeetingOver) as why:
            log.warning("a source is not started", source=row.pk, why=str(why))
            return
        pull = make(str(person.pk), row.name, row.url, recorded=person.is_recorded)
        self._pulls[person.pk] = (row.meeting_id, pull)
        pull.listen(partial(self._note, person.pk))
        self._states.tell(person.pk, Source.State.BUFFERING)
        starting = self._loop.submit(pull.start(room))
        starting.add_done_callback(partial(self._started, person.pk))

    def _started(self, person: int, starting: "Future[None]") -> None:
        if not starting.cancelled() and (error := starting.exception()):
            log.error("a source failed", person=person, why=type(error).__name__)
            self._note(person, IngressState.ERROR, _reason(error))

    def _note(self, person: int, state: IngressState, error: str = "") -> None:
        """Its state as the library says; from the media loop."""
        if person in self._pulls:
            self._states.tell(person, state.value, _sentence(error))
            if state in (IngressState.COMPLETE, IngressState.ERROR):
                self._over.add(person)
                self._pulls.pop(person, None)

    def _stop(self, people: Iterable[int], state: str = "") -> None:
        """End these pulls, all at once; what ended by itself is left alone.

        ``state``: for their rows; empty: those are another process's.
        """
        entries = {person: self._pulls.pop(person, None) for person in people}
        pulls = {person: entry[1] for person, entry in entries.items() if entry}
        ends = [self._loop.submit(pull.stop()) for pull in pulls.values()]
        done, late = wait(ends, STOPPING)
        for end in late:  # it may hang in a network that is gone
            end.cancel()
        failed = [repr(end.exception()) for end in done if end.exception()]
        if failed or late:
            log.error("sources did not stop in order", late=len(late), why=failed)
        for person in pulls if state else ():
            self._states.tell(person, state)


def _awaited() -> set[int]:
    """Meetings that take people and have a pull which is wanted."""
    open_states = (Meeting.State.OPEN, Meeting.State.LIVE)
    pulls = ~Q(url="") & Q(wanted=True, participant__removed_at=None)
    rows = Source.objects.filter(pulls, meeting__state__in=open_states)
    return set(rows.values_list("meeting_id", flat=True))


def _reason(error: BaseException) -> str:
    """In plain words where there are any; never the address, which may hold secrets."""
    return error.detail if isinstance(error, MediaError) else "It could not be started."


def _sentence(clause: str) -> str:
    """What the library says, as a page shows it."""
    return f"{clause[:1].upper()}{clause[1:].rstrip('.')}." if clause else ""
