"""Made-up calls: who, when, and what each says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.conf import settings

from .speech import SaidSentence, Speech

OURS = ("Anna Example", "Ben Sample", "Carol Specimen", "David Testcase", "Eva Fictive")
THEIRS = tuple(
    f"{first} {last}"
    for first in ("Frank", "Gita", "Hugo", "Ines", "Jonas", "Kira", "Leo", "Mona")
    for last in ("Placeholder", "Fictive", "Example", "Sample", "Invented")
)
TRADES = ("Foods", "Logistics", "Energy", "Bank", "Motors", "Health", "Media", "Tools")
CUSTOMERS = tuple(
    f"{name} {trade}"
    for name in ("Example", "Sample", "Fictive", "Invented", "Imaginary", "Specimen")
    for trade in TRADES
)
KINDS = ("Discovery call", "Demo", "Renewal", "Negotiation", "Check-in", "Onboarding")
MARK = "(made up)"  # at the end of each title
DAYS = 300  # back to the first call, unless calls are kept shorter
WORD_MS = 330
PAUSE_MS = 700

Line = tuple[int, int, SaidSentence]  # person, start_ms, what


@dataclass(frozen=True)
class MadeUpCall:
    """``people``: (name, whether of our side), the call's owner first."""

    title: str
    customer: str
    owner: int  # one of OURS
    began: datetime
    people: Sequence[tuple[str, bool]]
    lines: Sequence[Line]

    @property
    def duration_ms(self) -> int:
        return max(map(end_of, self.lines), default=0)

    def turns(self) -> Iterator[list[Line]]:
        """Lines of one person that follow each other."""
        return (list(turn) for _, turn in groupby(self.lines, itemgetter(0)))


def end_of(line: Line) -> int:
    _, start_ms, said = line
    return start_ms + WORD_MS * len(said.text.split())


def made_up_call(speech: Speech, lines: int, now: datetime) -> MadeUpCall:
    """One of ``lines`` sentences, in the last DAYS days before ``now``."""
    random = speech.random
    owner, customer = random.randrange(len(OURS)), random.choice(CUSTOMERS)
    theirs = random.sample(THEIRS, random.choice((1, 1, 2, 3)))
    people = [(OURS[owner], True), *((name, False) for name in theirs)]
    days = max(1, min(DAYS, settings.RETENTION_DAYS * 9 // 10))
    began = now - timedelta(days=random.randint(1, days))
    began = began.replace(hour=random.randint(8, 17), minute=random.choice((0, 30)))
    title = f"{random.choice(KINDS)} with {customer} {MARK}"
    said = list(_talk(speech, lines, len(people)))
    return MadeUpCall(title, customer, owner, began, people, said)


def _talk(speech: Speech, lines: int, people: int) -> Iterator[Line]:
    """People take turns of one to four sentences; ours is every other one."""
    random, at_ms, person = speech.random, 1000, 0
    for left in range(lines, 0, -1):
        line = (person, at_ms, speech.sentence(ours=person == 0))
        yield line
        at_ms = end_of(line) + random.randint(PAUSE_MS // 3, PAUSE_MS)
        if left == 1 or random.random() < 0.45:
            person = 0 if person else random.randrange(1, people)
