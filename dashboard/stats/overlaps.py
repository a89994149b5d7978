"""What several people do at once, or nobody: backchannels, crosstalk, silence."""

from collections.abc import Iterable, Sequence

from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.timeline import CallTimeline, Speaker
from meetings.media.spans import Span, joined, length, without

NOTHING = "Nothing is recorded"


def backchannels(heard: Heard) -> Figure:
    """How often somebody says "mm-hm" while another goes on."""
    found = [turn for turn in heard.turns if turn.is_backchannel]
    return Figure(len(found), tuple(Moment.of(turn) for turn in found))


def backchannels_per_minute(speaker: Speaker, heard: Heard) -> Figure:
    """One person's, per minute of the other side's speech."""
    others = (who for who in heard.timeline.speakers if who.side != speaker.side)
    minutes = sum(length(other.speech) for other in others) / 60_000
    if minutes < 1:
        return Figure(reason="The other side speaks less than a minute")
    own = [t for t in heard.turns if t.is_backchannel and t.speaker.id == speaker.id]
    return Figure(len(own) / minutes, tuple(Moment.of(turn) for turn in own))


def crosstalk(heard: Heard) -> Figure:
    """Time in which two or more speak, without backchannels, in % of recorded time."""
    if not heard.timeline.recorded_ms:
        return Figure(reason=NOTHING)
    said = [
        without(speaker.speech, _backchannels_of(speaker, heard))
        for speaker in heard.timeline.speakers
    ]
    limit = heard.timeline.rules.overlap
    spans = [(a, b) for a, b in at_once(said) if b - a >= limit]
    share = 100 * length(spans) / heard.timeline.recorded_ms
    return Figure(share, tuple(Moment(a, b, 0) for a, b in spans))


def silence(heard: Heard) -> Figure:
    """Recorded time in which nobody speaks, in %; lapses are its evidence."""
    recorded = heard.timeline.recorded_ms
    if not recorded:
        return Figure(reason=NOTHING)
    share = 100 * length(_silent(heard.timeline)) / recorded
    return Figure(share, tuple(Moment(a, b, 0) for a, b in heard.lapses))


def lapses(timeline: CallTimeline) -> list[Span]:
    """Silences so long that they belong to nobody."""
    return [(a, b) for a, b in _silent(timeline) if b - a >= timeline.rules.lapse]


def at_once(people: Iterable[Sequence[Span]]) -> list[Span]:
    """Where two or more of ``people`` speak."""
    steps = sorted(
        step for spans in people for a, b in spans for step in ((a, 1), (b, -1))
    )
    found: list[Span] = []
    speaking = since = 0
    for at, change in steps:
        if speaking + change == 2 and change == 1:
            since = at
        if speaking == 2 and change == -1 and at > since:
            found.append((since, at))
        speaking += change
    return joined(found)


def _silent(timeline: CallTimeline) -> list[Span]:
    voices = joined(span for speaker in timeline.speakers for span in speaker.speech)
    return without([(0, timeline.recorded_ms)], voices)


def _backchannels_of(speaker: Speaker, heard: Heard) -> list[Span]:
    return [
        span
        for turn in heard.turns
        if turn.is_backchannel and turn.speaker.id == speaker.id
        for span in turn.spans
    ]
