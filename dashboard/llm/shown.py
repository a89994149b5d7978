"""What a page shows of what a model wrote: only what still has all its moments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from dashboard.call.transcript import anchor_of
from dashboard.llm.server import LanguageModel
from dashboard.models import DraftMoment, DraftSentence, ModelDraft
from meetings.models import Meeting
from meetings.times import clock

Part = DraftSentence.Part
Viewer = AbstractBaseUser | AnonymousUser


class CitedMoment(NamedTuple):
    url: str  # on the page of the call it is an anchor alone
    at: str
    name: str
    call: str


class ShownSentence(NamedTuple):
    text: str
    why: str
    moments: list[CitedMoment]


@dataclass(frozen=True)
class WrittenPart:
    """What there is: perhaps a draft, and who would get the words of a new one."""

    server: LanguageModel
    draft: ModelDraft | None = None
    parts: Sequence[tuple[str, list[ShownSentence]]] = ()
    left_out: Sequence[ShownSentence] = ()
    mail: str = ""  # as one sends it

    @property
    def left(self) -> int:
        return len(self.left_out)


def written_of(meeting: Meeting, viewer: Viewer) -> WrittenPart | None:
    """Of a call; None where there is no model, or nothing to sum up yet."""
    server = LanguageModel.configured()
    if server is None or meeting.accepts_people:
        return None
    draft = ModelDraft.objects.filter(meeting=meeting).first()
    return _written(server, draft, viewer, meeting)


def answer_of(draft: ModelDraft, viewer: Viewer) -> WrittenPart | None:
    server = LanguageModel.configured()
    return _written(server, draft, viewer) if server else None


def _written(
    server: LanguageModel,
    draft: ModelDraft | None,
    viewer: Viewer,
    meeting: Meeting | None = None,
) -> WrittenPart:
    if draft is None:
        return WrittenPart(server)
    rows = list(_whole(draft, viewer))
    shown = [(row, _sentence(row, meeting)) for row in rows]
    parts = [
        (part.label, [one for row, one in shown if row.part == part and not row.why])
        for part in Part
    ]
    left_out = [one for row, one in shown if row.why]
    mail = _mail(rows, meeting) if meeting else ""
    return WrittenPart(server, draft, [p for p in parts if p[1]], left_out, mail)


def _whole(draft: ModelDraft, viewer: Viewer) -> Iterable[DraftSentence]:
    """Sentences whose moments are all there, in calls that the viewer may see now."""
    rows = draft.sentences.prefetch_related("moments__meeting", "moments__participant")
    used = DraftMoment.objects.filter(sentence__draft=draft).values("meeting")
    calls = Meeting.objects.visible_to(viewer).filter(pk__in=used)
    visible = set(calls.values_list("pk", flat=True))
    for row in rows:
        moments = list(row.moments.all())
        there = len(moments) == row.cited
        if there and all(moment.meeting_id in visible for moment in moments):
            yield row


def _sentence(row: DraftSentence, meeting: Meeting | None) -> ShownSentence:
    moments = [_moment(moment, meeting) for moment in row.moments.all()]
    return ShownSentence(row.text, row.why, moments)


def _moment(moment: DraftMoment, meeting: Meeting | None) -> CitedMoment:
    page = "" if meeting else moment.meeting.get_absolute_url()
    return CitedMoment(
        f"{page}{anchor_of(moment.start_ms)}",
        clock(moment.start_ms),
        moment.participant.name,
        "" if meeting else moment.meeting.name,
    )


def _mail(rows: Iterable[DraftSentence], meeting: Meeting) -> str:
    """The draft, with a greeting that is ours: it says nothing of the call."""
    said = [row.text for row in rows if row.part == Part.MAIL and not row.why]
    if not said:
        return ""
    people = [person.name for person in meeting.people if person.side == "them"]
    hello = f"Hello {', '.join(people)}," if people else "Hello,"
    thanks = "thank you for the call. What I took from it:"
    return "\n".join([hello, "", thanks, "", *(f"- {text}" for text in said), ""])
