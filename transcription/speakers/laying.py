"""Turns laid over the lines of a shared track: who said each of them.

It can be done again at any time, and taken back: pieces of a line become one again. A
line that a person gave to somebody stays theirs, one whose words they wrote stays
whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from meetings import taps
from meetings.events import announce
from meetings.models import Meeting
from transcription.models import Correction, SharedTrack, Utterance
from transcription.speakers.people import People
from transcription.speakers.pieces import LinePiece, Turns, cut, within

TOLD_LINES = 100  # of one message to open pages
UNNAMED = "name:"


@dataclass
class Changes:
    changed: dict[int, None] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)

    def tell(self, meeting_id: int) -> None:
        """To open pages, and to whatever is made from the lines."""
        left = [pk for pk in self.changed if pk not in set(self.removed)]
        for at in range(0, max(len(left), 1), TOLD_LINES):
            event = {"changed": left[at : at + TOLD_LINES], "removed": self.removed}
            announce(meeting_id, {"type": "lines", **event})
        announce(meeting_id, {"type": "meeting"})
        taps.transcript_changed.publish(meeting_id)


def lay(shared: SharedTrack) -> None:
    """Give every line of the track to whom the turns in force give it; without turns,
    to the track itself."""
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=shared.seat.meeting_id)
        changes = Changes()
        _put_together(shared, changes)
        people, turns = People(shared), Turns(shared.turns)
        for line in lines_of(shared):
            _lay(line, shared, turns, people, changes)
        people.forget_silent()
        shared.save(update_fields=["people", "pieces"])
    if changes.changed or changes.removed:
        changes.tell(shared.seat.meeting_id)


def lines_of(shared: SharedTrack) -> list[Utterance]:
    """All that is heard from the track, but for what people gave to somebody."""
    by_hand = Correction.objects.in_force().filter(
        meeting_id=shared.seat.meeting_id, kind=Correction.Kind.SPEAKER
    )
    lines = Utterance.objects.filter(meeting_id=shared.seat.meeting_id)
    lines = lines.heard_from(shared.seat)
    return list(lines.exclude(pk__in=by_hand.values("utterance")))


def _lay(
    line: Utterance, shared: SharedTrack, turns: Turns, people: People, changes: Changes
) -> None:
    if not shared.turns:
        _give(line, shared.seat_id, changes)
        return

    def label(start_ms: int, end_ms: int) -> str:
        return turns.label(start_ms, end_ms) or UNNAMED

    times = (line.start_ms, line.end_ms)
    parts = cut(line.text, line.words, times, label)
    if len(parts) > 1 and Utterance.objects.filter(pk=line.pk).vouched_for().exists():
        longest = max(parts, key=lambda part: part.end_ms - part.start_ms)
        parts = [LinePiece(longest.label, line.text, "", line.words, *times)]
    if len(parts) == 1:
        _give(line, people.of(parts[0].label).pk, changes)
    else:
        _cut(line, parts, shared, people, changes)


def _give(line: Utterance, person: int, changes: Changes) -> None:
    if line.participant_id == person:
        return
    line.participant_id = person
    line.save(update_fields=["participant", "updated_at"])
    line.corrections.update(participant=person)
    changes.changed[line.pk] = None


def _cut(
    line: Utterance,
    parts: list[LinePiece],
    shared: SharedTrack,
    people: People,
    changes: Changes,
) -> None:
    """The line keeps its row for the first piece, so that what hangs on it stays."""
    removals, voice, row = list(line.removals.all()), line.voice, line
    pieces = []
    for n, part in enumerate(parts):
        row = row if n == 0 else _copy(line)
        row.participant = people.of(part.label)
        row.text, row.words = part.text, part.words
        row.start_ms, row.end_ms = part.start_ms, max(part.start_ms + 1, part.end_ms)
        row.voice = within(voice, row.start_ms, row.end_ms)
        row.save()
        changes.changed[row.pk] = None
        pieces.append([row.pk, part.after, row.start_ms, row.end_ms])
        for removal in removals if n else ():
            if removal.start_ms >= row.start_ms:
                removal.utterance = row
                removal.save(update_fields=["utterance"])
    shared.pieces[str(line.pk)] = pieces


def _copy(line: Utterance) -> Utterance:
    return Utterance(
        meeting_id=line.meeting_id,
        raw="",
        transcript_pass=line.transcript_pass,
        language=line.language,
        confidence=line.confidence,
    )


# -- pieces of a line, one again


def _put_together(shared: SharedTrack, changes: Changes) -> None:
    """Where nothing happened to the pieces since they were cut."""
    ids = {piece[0] for pieces in shared.pieces.values() for piece in pieces}
    rows = Utterance.objects.filter(meeting_id=shared.seat.meeting_id).in_bulk(ids)
    touched = Utterance.objects.filter(pk__in=ids).vouched_for()
    held = set(touched.values_list("pk", flat=True))
    for key, pieces in list(shared.pieces.items()):
        found = [rows.get(pk) for pk, *_ in pieces]
        if _are_whole(found, pieces) and not held & {pk for pk, *_ in pieces}:
            _join([row for row in found if row], [p[1] for p in pieces], changes)
        del shared.pieces[key]


def _are_whole(rows: Iterable[Utterance | None], pieces: list[list[object]]) -> bool:
    """Whether they are as they were cut, and no later pass wrote over them."""
    return all(
        row is not None and [row.start_ms, row.end_ms] == piece[2:]
        for row, piece in zip(rows, pieces, strict=True)
    )


def _join(rows: list[Utterance], after: list[str], changes: Changes) -> None:
    first, *others = rows
    text = "".join(row.text + sep for row, sep in zip(rows, after, strict=True))
    first.text, first.end_ms = text.strip(), rows[-1].end_ms
    first.words = [word for row in rows for word in row.words]
    first.voice = _one_voice([span for row in rows for span in row.voice])
    first.save()
    changes.changed[first.pk] = None
    for row in others:
        row.removals.update(utterance=first)
        changes.removed.append(row.pk)
        row.delete()


def _one_voice(spans: list[list[int]]) -> list[list[int]]:
    """Spans that were cut at one moment, whole again."""
    found: list[list[int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1][1] = end
        else:
            found.append([start, end])
    return found
