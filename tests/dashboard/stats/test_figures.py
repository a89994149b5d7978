"""Each figure at its borders, on timelines made by hand."""

import pytest

from dashboard.stats.compute import figures, heard_in
from dashboard.stats.delivery import fillers, pace
from dashboard.stats.interactivity import switches
from dashboard.stats.interruptions import (
    Between,
    Outcome,
    matrix,
    overlapping_starts,
)
from dashboard.stats.monologue import longest_monologue, longest_of_side
from dashboard.stats.overlaps import at_once, crosstalk, lapses, silence
from dashboard.stats.patience import overlapping_starts as early
from dashboard.stats.patience import passages, patience, patience_as_it_came
from dashboard.stats.questions import is_answered, question_rate, questions
from dashboard.stats.talk_ratio import talk_ratio
from tests.dashboard.stats.timelines import Said, call, heard, speaker

LONG = "so let me tell you how our process works today"
WHY = "how many people are in your team?"


def test_both_count_where_two_speak_at_once() -> None:
    found = heard(
        speaker(1, "us", (0, 6_000, LONG)), speaker(2, "them", (0, 2_000, LONG))
    )
    assert talk_ratio(found).value == 75


def test_one_side_alone_has_no_ratio() -> None:
    alone = talk_ratio(heard(speaker(1, "us", (0, 6_000, LONG))))
    assert (alone.value, alone.reason) == (None, "Only one side speaks in this call")


def test_an_empty_call_has_reasons_and_no_errors() -> None:
    found = figures(call(recorded_ms=0))
    assert found.people == {}
    assert found.call["silence"].reason == "Nothing is recorded"
    assert found.call["longest_story_s"].value is None


def test_colleagues_that_follow_each_other_share_a_monologue() -> None:
    found = heard(
        speaker(1, "us", (0, 6_000, LONG)), speaker(2, "us", (7_000, 9_000, LONG))
    )
    assert longest_monologue(found).value == 6
    assert longest_of_side(found, "us").value == 9


def test_a_lapse_is_no_time_in_which_the_floor_could_change() -> None:
    found = heard(
        speaker(1, "us", (0, 5_000, LONG)),
        speaker(2, "them", (5_500, 10_000, LONG)),
        recorded_ms=70_000,
    )
    assert lapses(found.timeline) == [(10_000, 70_000)]
    assert switches(found).value == pytest.approx(5 / (10_000 / 60_000))


def talk(*waits: int, **more: float) -> tuple[list[Said], list[Said]]:
    """A customer who says something, and us who answer after each of ``waits`` ms."""
    theirs: list[Said] = []
    ours: list[Said] = []
    for n, wait in enumerate(waits):
        at = 20_000 * n
        theirs.append((at, at + 4_000, LONG))
        ours.append((at + 4_000 + wait, at + 8_000 + wait, LONG))
    return theirs, ours


def test_it_means_the_waits() -> None:
    theirs, ours = talk(200, 400, 600, 800, 1_000)
    found = heard(speaker(1, "us", *ours), speaker(2, "them", *theirs))
    assert patience(found).value == pytest.approx(0.6)


def test_a_short_overlap_is_no_wait_and_a_long_one_no_number() -> None:
    theirs, ours = talk(-299, 500, 500, 500, 500, -300)
    found = heard(speaker(1, "us", *ours), speaker(2, "them", *theirs))
    assert patience(found).value == pytest.approx(2.0 / 5)
    assert early(found).value == 1


def test_a_reply_after_a_lapse_is_none() -> None:
    theirs, ours = talk(5_001, 500, 500, 500, 500)
    found = heard(speaker(1, "us", *ours), speaker(2, "them", *theirs))
    assert patience(found).reason == "Fewer than 5 replies to the customer"


def test_a_slow_line_makes_nobody_patient() -> None:
    theirs, ours = talk(700, 700, 700, 700, 700)
    anna = speaker(1, "us", *ours, round_trips=[(0, 300)])
    found = heard(anna, speaker(2, "them", *theirs))
    assert patience(found).value == pytest.approx(0.4)


def test_it_takes_the_line_as_it_was_at_the_time() -> None:
    theirs, ours = talk(700, 700, 700, 700, 700)  # 20 s apart
    line = [(0, 100), (80_000, 700)]  # near the first two replies, near the last two
    anna = speaker(1, "us", *ours, round_trips=line)
    found = passages(heard(anna, speaker(2, "them", *theirs)))
    assert [passage.wait_ms for passage in found] == [600, 600, 300, 0, 0]


def test_patience_is_told_as_it_came_in_too() -> None:
    theirs, ours = talk(700, 700, 700, 700, 700)
    ben = speaker(2, "them", *theirs)
    slow = heard(speaker(1, "us", *ours, round_trips=[(0, 300)]), ben)
    assert patience_as_it_came(slow).value == pytest.approx(0.7)
    unmeasured = heard(speaker(1, "us", *ours), ben)
    assert patience(unmeasured).value == pytest.approx(0.7)
    assert "no round trip was measured" in patience_as_it_came(unmeasured).reason


def test_who_could_not_hear_the_other_yet_begins_in_nobodys_speech() -> None:
    """The customer had spoken for 1.2 s when we began, and we had heard 0.9 s of it."""
    ben = speaker(2, "them", (0, 4_500, LONG))
    near = speaker(1, "us", (1_200, 7_000, LONG))
    far = speaker(1, "us", (1_200, 7_000, LONG), round_trips=[(0, 300)])
    assert len(overlapping_starts(heard(near, ben))) == 1
    assert overlapping_starts(heard(far, ben)) == []


def test_a_wait_over_lost_sound_is_none() -> None:
    theirs, ours = talk(700, 700)
    ben = speaker(2, "them", *theirs, gaps=[(4_200, 4_500)])
    assert len(passages(heard(speaker(1, "us", *ours), ben))) == 1


@pytest.mark.parametrize(
    ("theirs", "ours", "outcome"),
    [
        ((0, 4_500), (3_000, 6_000), Outcome.TOOK),
        ((0, 9_000), (3_000, 4_000), Outcome.GAVE_WAY),
        ((0, 6_500), (3_000, 6_500), Outcome.BOTH),
        ((0, 6_200), (3_000, 8_000), Outcome.BOTH),  # goes on for more than 3 s
        ((0, 3_299), (3_000, 6_000), None),  # has ended almost
        ((2_001, 4_500), (3_000, 6_000), None),  # has only just begun
    ],
)
def test_it_tells_what_became_of_a_start_in_speech(
    theirs: tuple[int, int], ours: tuple[int, int], outcome: Outcome | None
) -> None:
    found = heard(speaker(1, "us", (*ours, LONG)), speaker(2, "them", (*theirs, LONG)))
    starts = [s for s in overlapping_starts(found) if s.turn.speaker.id == 1]
    assert [start.outcome for start in starts] == ([outcome] if outcome else [])


def test_it_tells_who_took_the_floor_from_whom() -> None:
    found = heard(
        speaker(1, "us", (3_000, 6_000, LONG)), speaker(2, "them", (0, 4_500, LONG))
    )
    assert matrix(found) == {(1, 2): Between(took=1, overlap_ms=1_500)}


def test_crosstalk_has_no_short_overlaps_and_no_backchannels() -> None:
    found = heard(
        speaker(1, "us", (0, 4_000, LONG), (10_000, 20_000, LONG)),
        speaker(2, "them", (3_701, 6_000, LONG), (12_000, 12_500, "mm-hm")),
        speaker(3, "them", (5_000, 8_000, LONG)),
        recorded_ms=20_000,
    )
    share = crosstalk(found)
    assert [(m.start_ms, m.end_ms) for m in share.evidence] == [(5_000, 6_000)]
    assert share.value == pytest.approx(5)


def test_three_at_once_are_one_overlap() -> None:
    assert at_once([[(0, 10)], [(2, 8)], [(4, 12)]]) == [(2, 10)]


def test_silence_is_a_share_of_recorded_time() -> None:
    found = heard(speaker(1, "us", (0, 6_000, LONG)), recorded_ms=8_000)
    assert silence(found).value == pytest.approx(25)


def test_it_counts_questions_of_each_side() -> None:
    found = heard(
        speaker(1, "us", (0, 2_000, WHY), (3_000, 3_600, "right?")),
        speaker(2, "them", (9_000, 11_000, "what does it cost then")),
        recorded_ms=1_800_000,
    )
    assert questions(found, "us").value == 1
    assert questions(found, "them").value == 1
    assert question_rate(found).value == pytest.approx(2)


def test_a_question_is_answered_within_ten_seconds() -> None:
    found = heard(
        speaker(1, "us", (0, 2_000, WHY), (20_000, 22_000, WHY)),
        speaker(2, "them", (11_000, 12_000, "about fifty"), (32_001, 33_000, LONG)),
    )
    asked = questions(found, "us").evidence
    assert [is_answered(moment, found) for moment in asked] == [True, False]


def test_pace_is_of_speech_and_needs_a_minute_of_it() -> None:
    minute = call(speaker(1, "us", (0, 60_000, "word " * 150)))
    short = call(speaker(1, "us", (0, 59_999, "word " * 150)))
    (anna,), (ben,) = heard_in(minute).timeline.speakers, short.speakers
    assert pace(anna, minute.rules).value == pytest.approx(150)
    assert pace(ben, short.rules).reason == "Speaks less than a minute"


def test_you_know_counts_as_two_fillers() -> None:
    found = fillers(speaker(1, "us", (0, 4_000, "Um, it is, you know, a uh thing now")))
    assert found.value == pytest.approx(100 * 4 / 9)
    assert len(found.evidence) == 3


def test_nothing_is_counted_without_a_list_of_the_language() -> None:
    anna = speaker(1, "us", (0, 2_000, LONG))
    object.__setattr__(anna, "fillers", ())
    assert fillers(anna).reason == "No list of fillers in this language"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"round_trips": [(0, 401)]}, "took 401 ms"),
        ({"gaps": [(0, 4_000)], "recorded_ms": 60_000}, "7% of the sound"),
    ],
)
def test_a_poor_line_says_nothing_of_patience(
    more: dict[str, object], word: str
) -> None:
    theirs, ours = talk(700, 700, 700, 700, 700)
    anna = speaker(1, "us", *ours, **more)
    found = figures(call(anna, speaker(2, "them", *theirs), recorded_ms=100_000))
    assert found.call["patience_s"].value is None
    assert word in found.call["patience_s"].reason
    assert found.call["talk_ratio"].value


def test_one_track_of_all_voices_says_nothing_of_overlaps() -> None:
    theirs, ours = talk(700)
    people = speaker(1, "us", *ours), speaker(2, "them", *theirs)
    found = figures(call(*people, mixed=True))
    assert found.call["crosstalk"].reason.startswith("All voices are on one track")
