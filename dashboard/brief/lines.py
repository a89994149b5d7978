"""The lines of a brief as the page shows them: found in the call, or by people.

What is found is found anew each time; what somebody changed, ticked or took out stands
for the sentence at its time, also when another pass hears it a little differently.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import AbstractBaseUser

from dashboard.brief.brief import Brief, brief_of
from dashboard.models import BriefLine
from dashboard.stats.timeline import CallTimeline
from dashboard.trackers import in_call
from meetings.models import Meeting

FOUND = "found"  # what trackers found, in no row
HITS = 3  # of a tracker: the others stand in its own tab
SLACK_MS = 2_000  # by which a sentence may move from one pass to the next
Section = BriefLine.Section
# Who changes sides takes their questions along.
KIND: Mapping[str, str] = dict.fromkeys((Section.THEM, Section.US), "questions")


@dataclass(frozen=True)
class BriefEntry:
    """A sentence of the call, the words of a chapter, or what somebody wrote."""

    section: str
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    speaker: int | None = None  # id
    name: str = ""
    note: str = ""
    is_open: bool = False  # a question that nobody answered
    row: BriefLine | None = None

    @property
    def key(self) -> str:
        """By which a form names it: a row, or the moment of what was found."""
        return f"row-{self.row.pk}" if self.row else self.place

    @property
    def place(self) -> str:
        """The same before and after the first change: who is there stays there."""
        if self.row and self.start_ms is None:
            return f"row-{self.row.pk}"
        return f"{self.section}-{self.speaker or 0}-{self.start_ms}"

    @property
    def done(self) -> bool:
        return bool(self.row and self.row.done)


def lines_of(meeting: Meeting, timeline: CallTimeline) -> dict[str, list[BriefEntry]]:
    """{section: lines by time}, of every section, in the order of the page."""
    rows = BriefLine.objects.filter(meeting=meeting).select_related("changed_by")
    names = {speaker.id: speaker.name for speaker in timeline.speakers}
    lines = merged(list(found_in(brief_of(timeline), names)), list(rows), names)
    lines.sort(key=lambda line: (line.start_ms is None, line.start_ms or 0))
    return {
        section: [line for line in lines if line.section == section]
        for section in Section.values
    }


def found_by_trackers(meeting: Meeting, reader: AbstractBaseUser) -> list[BriefEntry]:
    """The first hits of each tracker that ``reader`` may see. They are no lines of
    people's: what one changed would show others a tracker that is not theirs."""
    return [
        BriefEntry(
            FOUND,
            "".join(piece.text for piece in hit.pieces),
            hit.at_ms,
            name=hit.speaker.name,
            note=one.search.name,
        )
        for one in in_call.found_in(meeting, reader, HITS)
        for hit in one.hits
    ]


def found_in(brief: Brief, names: Mapping[int, str]) -> Iterator[BriefEntry]:
    for step in brief.next_steps:
        moment = (step.start_ms, step.end_ms, step.speaker)
        yield BriefEntry(Section.STEPS, step.text, *moment, names[step.speaker])
    for asked in brief.questions:
        start, end, speaker, text = asked.moment
        section = asked.side or Section.ANYONE
        line = BriefEntry(section, text, start, end, speaker, names[speaker])
        yield (
            line if asked.answered else replace(line, note="not answered", is_open=True)
        )
    for chapter in brief.chapters:
        words = ", ".join(chapter.words) or "…"
        yield BriefEntry(Section.CHAPTERS, words, chapter.start_ms, chapter.start_ms)


def merged(
    found: Sequence[BriefEntry], rows: Iterable[BriefLine], names: Mapping[int, str]
) -> list[BriefEntry]:
    """What was found, with what people made of it, and what they wrote besides."""
    left = list(found)
    lines: list[BriefEntry] = []
    for row in rows:
        line = _meant(row, left) if row.source else None
        if line:
            left.remove(line)
        if not row.removed:
            lines.append(_changed(line, row) if line else _alone(row, names))
    return left + lines


def _meant(row: BriefLine, lines: Sequence[BriefEntry]) -> BriefEntry | None:
    """The sentence that a row stands for: its own words first, then the nearest."""
    near = [line for line in lines if _is_near(row, line)]
    start = row.start_ms or 0
    return min(
        near,
        key=lambda one: (one.text != row.source, abs((one.start_ms or 0) - start)),
        default=None,
    )


def _is_near(row: BriefLine, line: BriefEntry) -> bool:
    if KIND.get(line.section, line.section) != KIND.get(row.section, row.section):
        return False
    if line.speaker != row.participant_id and line.text != row.source:
        return False  # a line may be given to somebody else
    if None in (row.start_ms, row.end_ms, line.start_ms, line.end_ms):
        return False
    ends = (row.end_ms or 0) + SLACK_MS, (line.end_ms or 0) + SLACK_MS
    return (line.start_ms or 0) < ends[0] and (row.start_ms or 0) < ends[1]


def _changed(line: BriefEntry, row: BriefLine) -> BriefEntry:
    return replace(line, row=row, text=row.text if row.is_own else line.text)


def _alone(row: BriefLine, names: Mapping[int, str]) -> BriefEntry:
    """What somebody wrote, and what they changed of a sentence that is gone."""
    name = names.get(row.participant_id or 0, "")
    moment = (row.start_ms, row.end_ms, row.participant_id)
    return BriefEntry(row.section, row.text, *moment, name, row=row)
