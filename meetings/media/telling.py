import logging
from collections.abc import Callable
from typing import TypedDict

from meetings.media.clock import RoomClock, wall_now
from meetings.media.events import RoomEvent
from meetings.media.participant import Member

logger = logging.getLogger(__name__)

Listener = Callable[[RoomEvent], None]


class About(TypedDict):
    room_id: str
    participant_id: str
    at_ms: int


class Announcer:
    """Tells what happens in a room to those who listen, on the media loop."""

    def __init__(self, room_id: str, clock: RoomClock) -> None:
        self._room_id = room_id
        self._clock = clock
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def about(self, person: Member) -> About:
        """What every event says: where, of whom, and that it is now."""
        return self.about_id(person.id)

    def about_id(self, participant_id: str) -> About:
        """The same of somebody who may not be there any more, or of nobody ("")."""
        return {
            "room_id": self._room_id,
            "participant_id": participant_id,
            "at_ms": self._clock.at(wall_now()),
        }

    def tell(self, event: RoomEvent) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                logger.exception("a listener of room %s failed", self._room_id)
