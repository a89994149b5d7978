"""Made-up calls as rows, many at a time, with what the index would make of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.contrib.auth.models import Group, User
from django.db import transaction

from dashboard.call.lanes import STRIP, bars, path
from dashboard.models import Label, TalkStrip, Turn
from dashboard.search.index import VERSION
from dashboard.search.labels import padded
from meetings.models import Account, Meeting, Participant
from meetings.models.participant import COLOURS
from transcription.models import Utterance

from .calls import CUSTOMERS, MARK, OURS, WORD_MS, Line, MadeUpCall, end_of
from .speech import LANGUAGE, SaidSentence

AT_A_TIME = 50  # calls of a transaction
BATCH = 1000  # rows of a statement, where the database takes as many
TEAM = "Made-up team"


class DemoWorkspace:
    """Colleagues who cannot sign in, in a team with ``owner``; customers."""

    def __init__(self, owner: User) -> None:
        team, _ = Group.objects.get_or_create(name=TEAM)
        owner.groups.add(team)
        self.owners = [owner, *(_colleague(name, team) for name in OURS[1:])]
        customers = (Account.objects.called(name) for name in CUSTOMERS)
        self.customers = dict(zip(CUSTOMERS, customers, strict=True))

    def write(
        self, calls: Iterable[MadeUpCall], with_lines: bool = True
    ) -> Iterator[list[Meeting]]:
        """Meetings, a transaction's at a time. Without lines there are turns alone,
        which is what search reads."""
        calls = iter(calls)
        while some := list(islice(calls, AT_A_TIME)):
            yield self._write(some, with_lines)

    @transaction.atomic
    def _write(self, calls: Sequence[MadeUpCall], with_lines: bool) -> list[Meeting]:
        meetings = Meeting.objects.bulk_create(map(self._meeting, calls))
        seats = [_people(*pair) for pair in zip(meetings, calls, strict=True)]
        Participant.objects.bulk_create(seat for some in seats for seat in some)
        made = list(zip(meetings, seats, calls, strict=True))
        _create(Label, (row for one in made for row in _labels(one)))
        _create(TalkStrip, map(_strip, made))
        _create(Turn, (row for one in made for row in _turns(one)))
        if with_lines:
            _create(Utterance, (row for one in made for row in _lines(one)))
        return meetings

    def _meeting(self, call: MadeUpCall) -> Meeting:
        return Meeting(
            title=call.title,
            owner=self.owners[call.owner],
            account=self.customers[call.customer],
            state=Meeting.State.ENDED,
            language=LANGUAGE,
            created_at=call.began,
            started_at=call.began,
            ended_at=call.began + timedelta(milliseconds=call.duration_ms),
            duration_ms=call.duration_ms,
        )


Made = tuple[Meeting, list[Participant], MadeUpCall]


def remove() -> int:
    """Delete all made-up calls; how many there were."""
    calls = Meeting.objects.filter(title__endswith=MARK)
    count = calls.count()
    calls.delete()
    return count


def _create(model: type, rows: Iterable[object]) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH)  # type: ignore[attr-defined]


def _colleague(name: str, team: Group) -> User:
    first, last = name.split()
    user, made = User.objects.get_or_create(
        username=f"{first}.{last}".lower(),
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@example.invalid".lower(),
            "is_active": False,
        },
    )
    if made:
        user.set_unusable_password()
        user.save()
        user.groups.add(team)
    return user


def _people(meeting: Meeting, call: MadeUpCall) -> list[Participant]:
    return [
        Participant(
            meeting=meeting,
            user=meeting.owner if is_ours else None,
            name=name,
            side=Participant.Side.US if is_ours else Participant.Side.THEM,
            consent=Participant.Consent.RECORDED,
            colour=n % COLOURS,
            entered_at=call.began,
            left_at=meeting.ended_at,
        )
        for n, (name, is_ours) in enumerate(call.people)
    ]


def _labels(made: Made) -> Iterator[Label]:
    meeting, seats, call = made
    yield Label(meeting=meeting, normal=padded(call.title))
    for seat in seats:
        yield Label(meeting=meeting, participant=seat, normal=padded(seat.name))


def _strip(made: Made) -> TalkStrip:
    meeting, seats, call = made
    width, height = STRIP
    step = height / max(2, len(seats))
    spans = [
        [(line[1], end_of(line)) for line in call.lines if line[0] == n]
        for n in range(len(seats))
    ]
    paths = [
        (seat.colour, path(bars(own, call.duration_ms, width), n * step, step - 1))
        for n, (seat, own) in enumerate(zip(seats, spans, strict=True))
    ]
    return TalkStrip(meeting=meeting, paths=paths, version=VERSION)


def _turns(made: Made) -> Iterator[Turn]:
    meeting, seats, call = made
    for turn in call.turns():
        said = [sentence for _, _, sentence in turn]
        yield Turn(
            meeting=meeting,
            participant=seats[turn[0][0]],
            start_ms=turn[0][1],
            end_ms=end_of(turn[-1]),
            text=" ".join(sentence.text for sentence in said),
            words=_places(turn),
            normal=" ".join(sentence.normal for sentence in said),
            language=LANGUAGE,
            **_kinds(said),
        )


def _kinds(said: Sequence[SaidSentence]) -> dict[str, bool]:
    return {kind: any(one.kinds[kind] for one in said) for kind in said[0].kinds}


def _places(turn: Sequence[Line]) -> list[list[int]]:
    """When each sentence begins, as in Turn.words."""
    places, at = [], 0
    for _, start_ms, said in turn:
        places.append([at, start_ms])
        at += len(said.text) + 1
    return places


def _lines(made: Made) -> Iterator[Utterance]:
    meeting, seats, call = made
    for line in call.lines:
        person, start_ms, said = line
        yield Utterance(
            meeting=meeting,
            participant=seats[person],
            start_ms=start_ms,
            end_ms=end_of(line),
            text=said.text,
            words=_timed(said.text, start_ms),
            voice=[[start_ms, end_of(line)]],
            transcript_pass=Utterance.Pass.FINAL,
            language=LANGUAGE,
            confidence=0.9,
        )


def _timed(text: str, start_ms: int) -> list[list[object]]:
    return [
        [word, start_ms + n * WORD_MS, start_ms + (n + 1) * WORD_MS - 50, 0.9]
        for n, word in enumerate(text.split())
    ]
