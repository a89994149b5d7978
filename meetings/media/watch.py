import asyncio
import logging
from collections.abc import Callable, Mapping

from meetings.media.clock import wall_now
from meetings.media.config import MediaConfig
from meetings.media.events import (
    Interrupted,
    Resumed,
    TrackPublished,
    TrackUnpublished,
)
from meetings.media.participant import Member
from meetings.media.telling import Announcer

logger = logging.getLogger(__name__)

TICK = 0.2  # s between looks at who has fallen silent


class Watch:
    """Looks a few times a second at who sends, who fell silent and who is gone.

    `reseat`: somebody's tracks came or went; `part`: this person is silent for good.
    """

    def __init__(
        self,
        config: MediaConfig,
        people: Mapping[str, Member],
        telling: Announcer,
        reseat: Callable[[], None],
        part: Callable[[Member], None],
    ) -> None:
        self._config = config
        self._people = people
        self._tell, self._about = telling.tell, telling.about
        self._reseat = reseat
        self._part = part
        self._task = asyncio.ensure_future(self._watch())

    def stop(self) -> None:
        self._task.cancel()

    def interrupt(self, person: Member) -> None:
        """Nothing comes from them any more, for now."""
        if person.state != "interrupted":
            person.state = "interrupted"
            self._tell(Interrupted(**self._about(person)))
            if person.sharing:
                person.sharing = False
                self._reseat()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self._look(wall_now())
            except Exception:
                logger.exception("the watch over a room stumbled")

    def _look(self, now: float) -> None:
        changed = False
        for person in list(self._people.values()):
            self._follow_state(person, now)
            changed |= self._follow_tracks(person, now)
            person.thaw_frozen(now, self._config.video_freeze)
            for recorder in person.recorders.values():
                recorder.tick(now)
        if changed:
            self._reseat()

    def _follow_state(self, person: Member, now: float) -> None:
        silence = person.silent_for(now)
        joining = person.state == "joining"
        config = self._config
        if silence > (config.connect_timeout if joining else config.leave_timeout):
            self._part(person)
        elif joining and person.live_sources(now):
            person.state = "live"
        elif person.state == "live" and silence > self._config.rtp_timeout:
            self.interrupt(person)
        elif person.state == "interrupted" and silence < TICK * 2:
            self._resume(person)

    def _follow_tracks(self, person: Member, now: float) -> bool:
        live = person.live_sources(now)
        before, person.published = person.published, live
        for source in live - before:
            kind = person.peer.tracks[source].kind
            about = self._about(person)
            self._tell(TrackPublished(**about, kind=kind, source=source))
        for source in before - live:
            kind = person.peer.tracks[source].kind
            about = self._about(person)
            self._tell(TrackUnpublished(**about, kind=kind, source=source))
        return live != before

    def _resume(self, person: Member) -> None:
        if person.lost_at is None:  # else only a new connection brings them back
            person.state = "live"
            self._tell(Resumed(**self._about(person)))
