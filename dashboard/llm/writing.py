"""Jobs that have a model write, and check each sentence before it is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from dashboard.llm import asking
from dashboard.llm.asking import Said
from dashboard.llm.check import CITES_WRONG, SourceLine, fault
from dashboard.llm.server import LanguageModel, ModelFailed
from dashboard.models import DraftMoment, DraftSentence, ModelDraft
from dashboard.search import Asker, newest_turns
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from transcription.models import Utterance

log = structlog.get_logger(__name__)

LINES = 400  # of a call in one question to the model
CHARACTERS = 40_000  # of them
PARTS = 12  # questions about one call; what comes after is not summarised
QUOTES = 40  # of a search, for one question
KEPT = timedelta(days=1)  # an answer about a search
STUCK = timedelta(hours=1)
OFF = "No language model is set up any more."
NOTHING = "There is nothing in it that a model could read."
STOPPED = "It was not written in time. Try again."

CALL_PARTS = ("summary", "actions", "mail")
ANSWER_PARTS = ("answer",)


@dataclass(frozen=True)
class Given:
    """A line as the model gets it, and where it stands."""

    line: SourceLine
    meeting: int
    participant: int
    start_ms: int


def begin(meeting: Meeting, by: User, server: LanguageModel) -> ModelDraft:
    """Have a call summed up; what waits already serves."""
    drafts = ModelDraft.objects.filter(meeting=meeting)
    if waiting := drafts.filter(state=ModelDraft.State.WAITING).first():
        return waiting
    draft: ModelDraft = ModelDraft.objects.create(
        meeting=meeting, asked_by=by, server=server.host, model=server.model
    )
    jobs.request("summarise", meeting, draft=draft.pk)
    return draft


def ask(question: str, query: str, by: User, server: LanguageModel) -> ModelDraft:
    """Have a question answered from what a search finds; one at a time for each."""
    mine = ModelDraft.objects.filter(meeting=None, asked_by=by)
    if waiting := mine.filter(state=ModelDraft.State.WAITING).first():
        return waiting
    draft: ModelDraft = ModelDraft.objects.create(
        asked_by=by,
        question=question,
        query=query,
        server=server.host,
        model=server.model,
    )
    jobs.request("answer", None, draft=draft.pk)
    return draft


def summarise(job: Job, progress: jobs.Progress) -> None:
    draft = ModelDraft.objects.filter(pk=job.payload["draft"]).first()
    if draft is None or not draft.is_waiting:
        return
    parts = list(_parts(_of_call(job.meeting)))

    def write(server: LanguageModel) -> None:
        for n, given in enumerate(parts):
            user = asking.quotes([one.line for one in given])
            said = asking.read(server.ask(asking.CALL, user), CALL_PARTS)
            _keep(draft, said, given)
            progress((n + 1) / len(parts))

    _finish(draft, write, sum(map(len, parts)))


def answer(job: Job, progress: jobs.Progress) -> None:
    draft = ModelDraft.objects.filter(pk=job.payload["draft"]).first()
    if draft is None or not draft.is_waiting:
        return
    given = _of_search(draft)

    def write(server: LanguageModel) -> None:
        user = asking.about(draft.question, [one.line for one in given])
        said = asking.read(server.ask(asking.ASK, user), ANSWER_PARTS)
        _keep(draft, said, given)

    _finish(draft, write, len(given))


def _finish(
    draft: ModelDraft, write: Callable[[LanguageModel], None], given: int
) -> None:
    server = LanguageModel.configured()
    draft.sentences.all().delete()  # of a run that was cut off
    draft.given = given
    try:
        if server is None:
            raise ModelFailed(OFF)
        if not given:
            raise ModelFailed(NOTHING)
        write(server)
        draft.state = ModelDraft.State.DONE
    except ModelFailed as error:
        draft.state, draft.error = ModelDraft.State.FAILED, str(error)
        log.warning("a model wrote nothing", draft=draft.pk, why=str(error))
    draft.finished_at = timezone.now()
    draft.save(update_fields=["state", "error", "given", "finished_at"])


def _keep(draft: ModelDraft, said: Sequence[Said], given: Sequence[Given]) -> None:
    """Every sentence with its moments, or with why it is left out."""
    with transaction.atomic():
        for one in said:
            known = [given[n - 1] for n in one.lines if 0 < n <= len(given)]
            mail = one.part == DraftSentence.Part.MAIL
            lines = [source.line for source in known]
            why = fault(one.text, lines, in_our_name=mail)
            if len(known) < len(one.lines):
                why = CITES_WRONG
            sentence = DraftSentence.objects.create(
                draft=draft, part=one.part, text=one.text, why=why, cited=len(known)
            )
            DraftMoment.objects.bulk_create(
                DraftMoment(
                    sentence=sentence,
                    meeting_id=source.meeting,
                    participant_id=source.participant,
                    start_ms=source.start_ms,
                )
                for source in known
            )


def _of_call(meeting: Meeting) -> list[Given]:
    lines = Utterance.objects.filter(meeting=meeting).select_related("participant")
    return [
        Given(
            SourceLine(
                line.participant.name,
                line.text,
                line.language,
                line.participant.side == Participant.Side.US,
            ),
            meeting.pk,
            line.participant_id,
            line.start_ms,
        )
        for line in lines
        if line.text.strip()
    ]


def _of_search(draft: ModelDraft) -> list[Given]:
    """What the one who asks may see, when the job runs."""
    if draft.asked_by is None or not draft.asked_by.is_active:
        return []
    found = [
        Given(
            SourceLine(turn.participant.name, turn.text, turn.participant.language),
            turn.meeting_id,
            turn.participant_id,
            turn.start_ms,
        )
        for turn in newest_turns(Asker(draft.asked_by), draft.query, QUOTES)
    ]
    return next(_parts(found), [])  # what fits into one question


def _parts(lines: Sequence[Given]) -> Iterator[list[Given]]:
    """Stretches of a call that fit into a question."""
    part: list[Given] = []
    size = made = 0
    for one in lines:
        if part and (len(part) >= LINES or size + len(one.line.text) > CHARACTERS):
            yield part
            part, size, made = [], 0, made + 1
            if made == PARTS:
                return
        part.append(one)
        size += len(one.line.text)
    if part:
        yield part


def broken() -> "QuerySet[DraftSentence]":
    """Sentences some of whose moments are gone, with their call or their person."""
    counted = DraftSentence.objects.annotate(there=Count("moments"))
    return counted.filter(there__lt=F("cited"))


def sweep() -> None:
    """Delete what may not be kept any longer, and give up what nobody writes."""
    now = timezone.now()
    DraftSentence.objects.filter(pk__in=broken().values("pk")).delete()
    answers = ModelDraft.objects.filter(meeting=None)
    answers.filter(created_at__lt=now - KEPT).delete()
    stuck = ModelDraft.objects.filter(state=ModelDraft.State.WAITING)
    stuck.filter(created_at__lt=now - STUCK).update(
        state=ModelDraft.State.FAILED, error=STOPPED, finished_at=now
    )


def forget(meeting_id: int) -> None:
    """Somebody in this call was deleted: what a model wrote of it may tell of them."""
    ModelDraft.objects.filter(meeting=meeting_id).delete()
    about = DraftMoment.objects.filter(meeting=meeting_id)
    ModelDraft.objects.filter(sentences__moments__in=about).delete()
    sweep()
