"""People who share a track: made by their labels, and found by them again."""

from django.db.models import QuerySet

from meetings.imports.seats import told_apart
from meetings.models import Participant
from transcription.corrections.people import newcomer
from transcription.models import SharedTrack, Utterance

NAMED, VOICE = "name:", "voice:"  # beginnings of labels
UNKNOWN = "Unknown"


def name_of(label: str) -> str:
    """What somebody is called until a person says it: a number is no guess."""
    if label.startswith(VOICE):
        return f"Speaker {label.removeprefix(VOICE)}"
    return label.removeprefix(NAMED) or UNKNOWN


class People:
    """Those of one track. What somebody renamed keeps its name, whatever happens to
    the lines; who was joined to another one stays so."""

    def __init__(self, shared: SharedTrack) -> None:
        self.shared = shared
        self._known: dict[str, Participant] = {}

    def of(self, label: str) -> Participant:
        if label not in self._known:
            self._known[label] = self._found(label) or self._made(label)
        return self._known[label]

    def _found(self, label: str) -> Participant | None:
        told = self.shared.people.get(label, {})
        person = self._seats().filter(pk=told.get("id")).first()
        return person.joined_to or person if person else None

    def _made(self, label: str) -> Participant:
        told = self.shared.people.get(label, {})
        others = self._seats().exclude(pk=self.shared.seat_id)
        taken = set(others.values_list("name", flat=True))
        name = told_apart(told.get("name") or name_of(label), taken)
        side = told.get("side", Participant.Side.UNKNOWN)
        person = newcomer(self.shared.seat.meeting, name, side)
        person.heard_on, person.language = self.shared.seat, self.shared.seat.language
        person.save(update_fields=["heard_on", "language"])
        self.shared.people[label] = {"id": person.pk, "name": name, "side": side}
        return person

    def _seats(self) -> QuerySet[Participant]:
        return Participant.objects.filter(meeting_id=self.shared.seat.meeting_id)

    def forget_silent(self) -> None:
        """Delete those who say nothing any more; their names wait for their return."""
        labels = {told.get("id"): key for key, told in self.shared.people.items()}
        for person in self.shared.seat.others_heard.filter(pk__in=labels):
            if not _has_traces(person):
                told = self.shared.people[labels[person.pk]]
                told.update(name=person.name, side=person.side)
                person.delete()


def _has_traces(person: Participant) -> bool:
    """Whether something hangs on a person that only people can have put there."""
    return (
        Utterance.objects.filter(participant=person).exists()
        or person.joined.exists()
        or person.joined_to_id is not None
        or person.corrections.exclude(kind="person").exists()
    )
