import asyncio
import logging
from collections.abc import Callable, Mapping

from meetings.media.events import RoundTrip
from meetings.media.participant import Member
from meetings.media.telling import About

logger = logging.getLogger(__name__)

EVERY = 5.0  # s between two samples of a person


class RoundTrips:
    """Notes now and then how long the line of each recorded person is.

    Whoever speaks has heard the others one round trip before their own voice arrives:
    without it nobody can say afterwards how long they waited. No event of the room:
    nobody in it acts on it.
    """

    def __init__(
        self,
        people: Mapping[str, Member],
        about: Callable[[Member], About],
        note: Callable[[RoundTrip], None],
    ) -> None:
        self._people, self._about, self._note = people, about, note
        self._task = asyncio.ensure_future(self._sample())

    def stop(self) -> None:
        self._task.cancel()

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                self._look()
            except Exception:
                logger.exception("round trips of a room are not known")

    def _look(self) -> None:
        for person in list(self._people.values()):
            seconds = person.peer.round_trip
            if person.recorded and person.state == "live" and seconds is not None:
                self._note(RoundTrip(**self._about(person), ms=round(1000 * seconds)))
