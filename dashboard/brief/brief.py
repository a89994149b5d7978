"""The brief of a call: what was agreed, what was asked, what it was about.

Every line is a sentence of the call at its second; nothing is written anew.
"""

from dataclasses import dataclass

from dashboard.brief.chapters import Chapter, chapters
from dashboard.brief.next_steps import NextStep, next_steps
from dashboard.stats.compute import heard_in
from dashboard.stats.figure import Moment
from dashboard.stats.questions import is_answered, questions
from dashboard.stats.timeline import CallTimeline, Side


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    moment: Moment
    side: Side
    answered: bool


@dataclass(frozen=True, slots=True)
class Brief:
    next_steps: tuple[NextStep, ...]
    questions: tuple[AskedQuestion, ...]  # by time
    chapters: tuple[Chapter, ...]


def brief_of(timeline: CallTimeline) -> Brief:
    heard = heard_in(timeline)
    sides: tuple[Side, ...] = ("us", "them", "")
    asked = [
        AskedQuestion(moment, side, is_answered(moment, heard))
        for side in sides
        for moment in questions(heard, side).evidence
    ]
    asked.sort(key=lambda question: question.moment)
    return Brief(
        tuple(next_steps(timeline)), tuple(asked), tuple(chapters(heard.turns))
    )
