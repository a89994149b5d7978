"""Talk ratio: how much of the speech is ours."""

from dashboard.stats.figure import Figure, Heard
from dashboard.stats.timeline import Speaker
from meetings.media.spans import length

ONE_SIDE = "Only one side speaks in this call"
NOBODY = "Nobody speaks in this call"


def talk_ratio(heard: Heard) -> Figure:
    """Our speech / everybody's, in %; where two speak at once, both count."""
    ours, theirs = (
        sum(length(speaker.speech) for speaker in heard.timeline.of(side))
        for side in ("us", "them")
    )
    if not (ours and theirs):
        return Figure(reason=ONE_SIDE if ours or theirs else NOBODY)
    return Figure(100 * ours / (ours + theirs))


def of_recorded(heard: Heard) -> Figure:
    """Our speech / recorded time, in %: what others call talk ratio."""
    if not heard.timeline.recorded_ms:
        return Figure(reason=NOBODY)
    ours = sum(length(speaker.speech) for speaker in heard.timeline.of("us"))
    return Figure(100 * ours / heard.timeline.recorded_ms)


def share(speaker: Speaker, heard: Heard) -> Figure:
    """One person's speech / everybody's, in %."""
    everybody = sum(length(other.speech) for other in heard.timeline.speakers)
    if not everybody:
        return Figure(reason=NOBODY)
    return Figure(100 * length(speaker.speech) / everybody)
