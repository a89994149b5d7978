"""Questions of each side, how many an hour, and whether they were answered."""

from bisect import bisect_left

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.sentences import is_question
from dashboard.stats.timeline import Side

NOTE = 160  # characters of a question that its moment carries


def questions(heard: Heard, side: Side) -> Figure:
    """How many questions a side asks; each can be played."""
    asked = [
        Moment(line.start_ms, line.end_ms, speaker.id, line.text[:NOTE])
        for speaker in heard.timeline.of(side)
        for line in speaker.sentences
        if is_question(line)
    ]
    return Figure(len(asked), tuple(sorted(asked)))


def question_rate(heard: Heard) -> Figure:
    """Our questions per hour of recorded time."""
    found = questions(heard, "us")
    if not heard.timeline.recorded_ms or not heard.timeline.of("us"):
        return Figure(reason="None of us is in this call")
    hours = heard.timeline.recorded_ms / 3_600_000
    return Figure((found.value or 0) / hours, found.evidence)


def is_answered(question: Moment, heard: Heard) -> bool:
    """Whether the other side starts a turn soon after it; "Yes." is an answer. Of
    whom nobody knows the side, whether somebody else does."""
    side = next(s.side for s in heard.timeline.speakers if s.id == question.speaker)
    until = question.end_ms + heard.timeline.rules.answer
    first = bisect_left(heard.turns, question.start_ms, key=lambda turn: turn.start)
    for turn in heard.turns[first:]:
        if turn.start > until:
            break
        other = turn.speaker.side != side or not side
        theirs = other and turn.speaker.id != question.speaker
        if theirs and not turn.is_backchannel and turn.end > question.end_ms:
            return True
    return False
