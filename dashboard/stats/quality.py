"""What the sound of a call does not allow to say, and why."""

from dashboard.stats.timeline import CallTimeline

BY_TIME = (
    "patience_s",
    "patience_median_s",
    "patience_as_it_came_s",
    "overlapping_starts",
    "interruptions",
)
BY_OVERLAP = ("interruptions", "overlapping_starts", "backchannels", "crosstalk")
BY_SIDE = (
    *("talk_ratio", "longest_monologue_s", "longest_story_s", "interactivity"),
    *("switches_per_5min", "patience_s", "patience_median_s"),
    *("questions_us", "questions_them", "questions_per_hour"),
)
NO_SIDE = "Nobody said yet on whose side {name} is: see People"
MIXED = "All voices are on one track: who spoke at once cannot be told"


def doubts(timeline: CallTimeline) -> dict[str, str]:
    """Why a figure of the call is not shown, by its name."""
    found: dict[str, str] = {}
    rules = timeline.rules
    for speaker in timeline.speakers:
        if (speaker.round_trip_ms or 0) > rules.poor_round_trip:
            slow = f"The line of {speaker.name} took {speaker.round_trip_ms:.0f} ms"
            found |= dict.fromkeys(BY_TIME, slow)
        if speaker.loss > rules.poor_loss:
            lost = f"{speaker.loss:.0%} of the sound of {speaker.name} did not arrive"
            found |= dict.fromkeys((*BY_TIME, *BY_OVERLAP), lost)
    unknown = [who.name for who in timeline.speakers if who.speech and not who.side]
    if unknown:
        found |= dict.fromkeys(BY_SIDE, NO_SIDE.format(name=unknown[0]))
    if timeline.mixed:
        found |= dict.fromkeys(BY_OVERLAP, MIXED)
    return found
