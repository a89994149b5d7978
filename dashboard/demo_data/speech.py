"""What people say in made-up calls: sentences, each read for the index once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from dashboard.search.kinds import said_in
from dashboard.search.normal import normal

LANGUAGE = "en"
RARE_WORDS = 20_000  # product names and the like, the n-th 1/n as common as the first
SHARE_OF_RARE = 0.08  # of all sentences

THINGS = (
    *("the dashboard", "the export", "the mobile app", "single sign-on", "the archive"),
    *("the search", "the report", "the calendar", "the audit log", "the onboarding"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "next week", "tomorrow")
NUMBERS = ("12", "25", "40", "50", "75", "120", "200", "350", "500", "900")
OURS = (
    "Thanks for taking the time today.",
    "How do you solve that at the moment?",
    "What does the process look like on your side?",
    "How many people would use {thing}?",
    "I will send you the proposal on {day}.",
    "We can set up a trial for {number} people.",
    "Let me show you {thing}.",
    "The price is {number} euros per person and month.",
    "Could you tell me more about {thing}?",
    "Most of our customers begin with {thing}.",
    "I will send the contract to your legal team {day}.",
    "That is on the roadmap for the next quarter.",
    "Does {day} at ten work for a second call?",
    "All data stays on your own servers.",
    "Who else needs to be part of the decision?",
)
THEIRS = (
    "We have about {number} people in sales.",
    "Our biggest problem is that nobody updates {thing}.",
    "That is not in the budget this year.",
    "What does it cost for {number} people?",
    "We are looking at two other vendors as well.",
    "Can you export everything when we leave?",
    "I need to ask my manager about the price.",
    "Is the data encrypted on the server?",
    "We tried something like {thing} before and it failed.",
    "Please send me the contract by {day}.",
    "That sounds good to me.",
    "How long does the onboarding take?",
    "Our security team will have questions about {thing}.",
    "{day} works for us.",
    "I am worried about the time it takes to learn {thing}.",
)
RARE = "We call it {word} in our team."
SYLLABLES = (
    "ba",
    "dor",
    "fi",
    "gul",
    "ko",
    "lan",
    "mer",
    "nu",
    "pol",
    "ras",
    "ti",
    "vek",
)


@dataclass(frozen=True, slots=True)
class SaidSentence:
    text: str
    normal: str
    kinds: dict[str, bool]


class Speech:
    """Sentences in the shares in which they are said; the same for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)
        self.ours = [_said(text) for text in _filled(OURS)]
        self.theirs = [_said(text) for text in _filled(THEIRS)]
        self.rare = [_said(RARE.format(word=word)) for word in rare_words()]
        self.shares = list(accumulate(1 / n for n in range(1, RARE_WORDS + 1)))

    def sentence(self, ours: bool) -> SaidSentence:
        if self.random.random() < SHARE_OF_RARE:
            return self.random.choices(self.rare, cum_weights=self.shares)[0]
        return self.random.choice(self.ours if ours else self.theirs)


def rare_words() -> Iterator[str]:
    """RARE_WORDS different ones, of three to five syllables."""
    size = len(SYLLABLES)
    for n in range(size**2, size**2 + RARE_WORDS):
        digits = []
        while n:
            n, digit = divmod(n, size)
            digits.append(SYLLABLES[digit])
        yield "".join(digits)


def _filled(templates: Sequence[str]) -> Iterator[str]:
    """Each template with everything that fits into it."""
    for template in templates:
        for thing in THINGS if "{thing}" in template else ("",):
            for day in DAYS if "{day}" in template else ("",):
                for number in NUMBERS if "{number}" in template else ("",):
                    text = template.format(thing=thing, day=day, number=number)
                    yield text[0].upper() + text[1:]


def _said(text: str) -> SaidSentence:
    return SaidSentence(text, normal(text), said_in(text, LANGUAGE))
