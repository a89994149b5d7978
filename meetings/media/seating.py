from collections.abc import Mapping, Sequence
from typing import Protocol

from meetings.media.events import Kind, Seat
from meetings.media.peer import SeatPair
from meetings.media.track import MediaTrack


class Sitter(Protocol):
    """What can take a seat: a person, or the screen that one shares."""

    @property
    def id(self) -> str: ...

    def track(self, kind: Kind) -> MediaTrack | None: ...


class Seating:
    """Who sits on which receiving transceivers of one browser.

    A sitter keeps the seat until they leave; the others do not move for it.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}  # person -> index of the pair

    def assign(
        self, people: Mapping[str, Sitter], pairs: Sequence[SeatPair]
    ) -> dict[str, Seat]:
        """Seat these sitters, carry their tracks; returns mid -> seat.

        Who finds no free pair waits for the browser to offer more.
        """
        self._places = {id: place for id, place in self._places.items() if id in people}
        free = [n for n in range(len(pairs)) if n not in self._places.values()]
        waiting = [id for id in people if id not in self._places]
        self._places |= dict(zip(waiting, free, strict=False))
        sitters = {place: id for id, place in self._places.items()}
        seats: dict[str, Seat] = {}
        for place, pair in enumerate(pairs):
            key = sitters.get(place)
            seats |= _carry(pair, people[key] if key else None)
        return seats


def _carry(pair: SeatPair, sitter: Sitter | None) -> dict[str, Seat]:
    hear = sitter.track("audio") if sitter else None
    see = sitter.track("video") if sitter else None
    pair.audio.attach(hear)
    pair.video.attach(see)
    seats = {}
    if sitter and hear:
        seats[pair.audio_mid] = Seat(sitter.id, "audio", hear.source)
    if sitter and see:
        seats[pair.video_mid] = Seat(sitter.id, "video", see.source)
    return seats
