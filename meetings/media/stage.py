from collections.abc import Callable, Mapping

from meetings.media.events import SeatsChanged, SharingChanged
from meetings.media.participant import Member, Screen
from meetings.media.seating import Sitter
from meetings.media.telling import Announcer


class Stage:
    """Who sees whom in a room, and the one screen that all of them see.

    `sharing_changed` is called when it is somebody else's, before anybody is seated.
    """

    def __init__(
        self,
        people: Mapping[str, Member],
        telling: Announcer,
        sharing_changed: Callable[[], None],
    ) -> None:
        self._people = people
        self._telling = telling
        self._sharing_changed = sharing_changed
        self.shown = ""  # participant id of whose screen it is, as was told last

    def share(self, person: Member, instead_of: str = "") -> None:
        """Make the screen theirs, unless somebody has it whom `instead_of` is not."""
        holder = self._sharer()
        if holder is None or holder.id == instead_of:
            if holder:
                holder.sharing = False
            person.sharing = True
            self.reseat()

    def unshare(self, person: Member) -> None:
        """Take a person's screen away; one that is not shared is no error."""
        if person.sharing:
            person.sharing = False
            self.reseat()

    def seen_by(self, viewer: Member) -> dict[str, Sitter]:
        """Everybody else, and the screen that one of them shares."""
        people = self._people.items()
        others: dict[str, Sitter] = {id: p for id, p in people if p is not viewer}
        sharer = self._sharer()
        if sharer and sharer is not viewer:
            others[f"{sharer.id}/screen"] = Screen(sharer)
        return others

    def reseat(self) -> None:
        """Carry to each who receives what there is now, and tell what has changed."""
        self._tell_sharer()
        for viewer in self._people.values():
            if viewer.peer.receives:
                self._seat(viewer)

    def _seat(self, viewer: Member) -> None:
        others = self.seen_by(viewer)
        seats = viewer.seating.assign(others, viewer.peer.seats)
        if seats == viewer.seats and len(others) <= len(viewer.peer.seats):
            return
        viewer.seats = seats
        changed = SeatsChanged(
            **self._telling.about(viewer),
            session_id=viewer.session_id,
            seats=seats,
            wanted=len(others),
        )
        self._telling.tell(changed)

    def _sharer(self) -> Member | None:
        return next((p for p in self._people.values() if p.sharing), None)

    def _tell_sharer(self) -> None:
        sharer = self._sharer()
        id = sharer.id if sharer else ""
        if id != self.shown:
            self.shown = id
            self._telling.tell(SharingChanged(**self._telling.about_id(id)))
            self._sharing_changed()
