"""Names and times of one transcript over the words of another."""

import random

import pytest

from transcription.speech.speakers.clock_fit import ClockFit, fit
from transcription.speech.speakers.cues import (
    NamedTranscript,
    SpokenCue,
    UnreadableTranscript,
    transcript,
)
from transcription.speech.speakers.naming import HeardWord, name_words

SAID = [
    ("Anna", "good morning and welcome to the weekly review of the northern region"),
    ("Ben", "thank you I have the figures of the last quarter with me"),
    ("Anna", "please go on"),
    ("Ben", "we sold forty machines and lost two customers in October"),
    ("Carol", "which two were they and why did they leave us"),
    ("Ben", "one had no budget the other one found somebody cheaper"),
]
WORDS = [(who, word) for who, text in SAID for word in text.split()]


def heard(step_ms: int = 400) -> list[HeardWord]:
    return [
        HeardWord(word, n * step_ms, (n + 1) * step_ms - 50)
        for n, (_, word) in enumerate(WORDS)
    ]


def told(shift_ms: int = 0, rate: float = 1.0, wrong: float = 0.0) -> NamedTranscript:
    """The same call as another program heard it, by its clock."""
    chance, cues, at = random.Random(7), [], 0
    for who, text in SAID:
        count = len(text.split())
        start, end = (round((n * 400 - shift_ms) / rate) for n in (at, at + count))
        words = [w if chance.random() >= wrong else "blah" for w in text.split()]
        cues.append(SpokenCue(start, end, who, " ".join(words)))
        at += count
    return transcript(cues)


def right(names: list[str]) -> float:
    pairs = zip(names, WORDS, strict=True)
    return sum(name == who for name, (who, _) in pairs) / len(names)


def test_it_names_every_word() -> None:
    assert name_words(told(), heard()).names == [who for who, _ in WORDS]


@pytest.mark.parametrize("shift_ms", [2_300, -1_700])
def test_it_finds_by_the_words_how_far_the_times_are_off(shift_ms: int) -> None:
    naming = name_words(told(shift_ms), heard())
    assert right(naming.names) == 1
    assert naming.fitted
    assert abs(naming.fitted.shift_ms - shift_ms) < 100


def test_words_that_were_heard_otherwise_cost_little() -> None:
    assert right(name_words(told(wrong=0.25), heard()).names) > 0.95


def test_times_of_the_day_do_no_harm() -> None:
    noon = transcript(
        cue._replace(start_ms=cue.start_ms + 43_200_000, end_ms=cue.end_ms + 43_200_000)
        for cue in told().cues
    )
    naming = name_words(noon, heard())
    assert right(naming.names) == 1
    assert naming.fitted and naming.fitted.told == "Its times were 12:00:00 too late."


def test_what_the_transcript_left_out_has_no_name() -> None:
    without = [cue for cue in told().cues if cue.name != "Carol"]
    names = name_words(transcript(without), heard()).names
    assert "Carol" not in names
    assert "" in names


def test_a_transcript_of_another_call_is_refused() -> None:
    other = [SpokenCue(0, 9_000, "Dora", "bread butter cheese and wine for tomorrow")]
    with pytest.raises(UnreadableTranscript, match="no words in common"):
        name_words(transcript(other), heard())


def test_a_timeline_without_words_counts_by_its_times() -> None:
    mute = transcript(cue._replace(text="") for cue in told().cues)
    assert right(name_words(mute, heard()).names) > 0.9


def test_a_timeline_beyond_the_sound_is_refused() -> None:
    late = transcript(
        cue._replace(
            start_ms=cue.start_ms + 9_000_000, end_ms=cue.end_ms + 9_000_000, text=""
        )
        for cue in told().cues
    )
    with pytest.raises(UnreadableTranscript, match="beyond the sound"):
        name_words(late, heard())


def test_scripts_without_spaces_are_compared_by_letters() -> None:
    cues = [
        SpokenCue(0, 3_000, "花子", "おはようございます今日は天気がいいですね"),
        SpokenCue(3_000, 6_000, "太郎", "そうですね散歩に行きましょう"),
    ]
    words = [
        HeardWord("おはようございます", 100, 1_500),
        HeardWord("今日は天気が良いですね", 1_500, 3_000),
        HeardWord("そうですね", 3_000, 4_000),
        HeardWord("散歩に行きましょう", 4_000, 6_000),
    ]
    names = name_words(transcript(cues), words).names
    assert names == ["花子", "花子", "太郎", "太郎"]


def test_a_clock_that_runs_slow_is_told_from_one_that_is_off() -> None:
    moments = [(at, round(1_000 + 1.002 * at)) for at in range(0, 3_600_000, 20_000)]
    found = fit(moments)
    assert abs(found.rate - 1.002) < 0.0001
    assert found.told == "Its clock ran 7.2 s an hour too slow after a shift of 1.0 s."
    assert fit([(at, at + 1_500) for at, _ in moments]) == ClockFit(1_500, 1.0, 0)


def test_a_third_of_wrong_moments_does_no_harm() -> None:
    good = [(at, at + 700) for at in range(0, 200_000, 1_000)]
    bad = [(at, at + 90_000) for at in range(0, 200_000, 3_000)]
    assert fit([*good, *bad]).shift_ms == 700


def test_times_that_are_too_rough_have_no_shift_to_tell() -> None:
    minutes = [(at // 300_000 * 300_000, at) for at in range(0, 1_200_000, 5_000)]
    assert fit(minutes).told == ""
