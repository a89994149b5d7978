"""The constants of the statistics, all of them; times in milliseconds."""

from dataclasses import dataclass

VERSION = 1  # raise it with any change of a figure: stored ones are computed again


@dataclass(frozen=True, slots=True)
class Definitions:
    """What counts as speech, a turn, an overlap; docs/statistics.md tells it."""

    min_speech: int = 250  # shorter voice counts in no figure; its words stay
    wordless: int = 1_000  # voice this long without a word is a keyboard, or music
    turn_gap: int = 2_000  # a shorter pause of one person stays inside the turn
    turn_words: int = 3  # a turn of fewer words passes no floor
    backchannel: int = 1_000  # "mm-hm": shorter than this,
    backchannel_words: int = 2  # of at most so many words,
    continues: int = 500  # while the other speaks so shortly before and after it
    overlap: int = 300  # shorter overlaps are none
    lapse: int = 5_000  # a silence this long belongs to nobody
    poor_round_trip: int = 400  # above it patience and interruptions say nothing
    poor_loss: float = 0.05  # share of somebody's sound that did not arrive
    passages: int = 5  # fewer replies give no patience
    pace_speech: int = 60_000  # less speech gives no pace
    speaking: int = 1_000  # who has spoken so long can be interrupted
    yields: int = 3_000  # who stops within this has given up the floor
    holds: int = 1_000  # who goes on so long after it has the floor
    answer: int = 10_000  # a question is answered within this
    full_interactivity: float = 3.0  # switches per 5 min for each of 10 points


DEFAULT = Definitions()
