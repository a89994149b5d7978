"""The turns before and after those that a query found, in the same call."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from dashboard.models import Turn
from meetings.models import Participant

SHOWN = 80  # characters of such a turn: those next to the quote
# As text: Django takes longer to write it out than the database to answer it.
BESIDE = """(
    SELECT id FROM dashboard_turn beside
    WHERE beside.meeting_id = dashboard_turn.meeting_id
        AND beside.start_ms {than} dashboard_turn.start_ms
    ORDER BY beside.start_ms {order}, beside.id {order} LIMIT 1
)"""


class Neighbour(NamedTuple):
    """What somebody said beside a quote, as far as it is shown."""

    speaker: Participant
    text: str


class Neighbours(NamedTuple):
    """Of one turn; None at the ends of a call."""

    before: Neighbour | None = None
    after: Neighbour | None = None


def with_neighbours(
    ids: Collection[int], people: Mapping[int, Participant]
) -> dict[int, tuple[Turn, Neighbours]]:
    """The turns ``ids`` of ``people``, who are all of their calls, by id. Two
    statements, however many turns."""
    rows = Turn.objects.order_by()
    found = rows.annotate(before=_beside("<", "DESC"), after=_beside(">", "ASC"))
    turns = [t for t in found.filter(pk__in=ids) if t.participant_id in people]
    wanted = {pk for turn in turns for pk in (turn.before, turn.after)} - {None}
    columns = rows.filter(pk__in=wanted).values_list("pk", "participant", "text")
    said = {
        pk: Neighbour(people[person], text)
        for pk, person, text in columns
        if person in people
    }
    for turn in turns:
        turn.participant = people[turn.participant_id]
    return {
        turn.pk: (turn, _shown(said.get(turn.before), said.get(turn.after)))
        for turn in turns
    }


def _beside(than: str, order: str) -> RawSQL:
    sql = BESIDE.format(than=than, order=order)
    return RawSQL(sql, (), output_field=BigIntegerField())


def _shown(before: Neighbour | None, after: Neighbour | None) -> Neighbours:
    return Neighbours(
        before and before._replace(text=_end_of(before.text)),
        after and after._replace(text=_beginning_of(after.text)),
    )


def _end_of(text: str) -> str:
    if len(text) > SHOWN:
        text = "... " + text[-SHOWN:].partition(" ")[2]
    return text


def _beginning_of(text: str) -> str:
    if len(text) > SHOWN:
        text = text[:SHOWN].rpartition(" ")[0] + " ..."
    return text
