from transcription.speech.engine.captions import Word
from transcription.speech.filters.bag import Bag
from transcription.speech.filters.draft import Cleaned, Draft, Rules
from transcription.speech.filters.echo import (
    Loudness,
    OtherTrack,
    runs,
    voice_left,
    without_echo,
)

LOUD, QUIET = -20.0, -38.0


def at(db: float | None) -> Loudness:
    return lambda start, end: db


def said(text: str, start: float, step: float = 0.4) -> tuple[Word, ...]:
    """Words that begin one step after the other."""
    return tuple(
        Word(f" {word}", start + n * step, start + (n + 1) * step, 0.9)
        for n, word in enumerate(text.split())
    )


def hear(
    ours: tuple[Word, ...],
    theirs: tuple[Word, ...],
    here: float | None = QUIET,
    there: float | None = LOUD,
    rules: Rules | None = None,
) -> Cleaned:
    text = "".join(word.text for word in ours).strip()
    return without_echo(
        Draft(text, ours), at(here), OtherTrack(theirs, at(there)), rules
    )


def test_the_quieter_of_two_loses_the_words() -> None:
    ours = said("We have two hundred people.", 10.2)
    cleaned = hear(ours, said("We have two hundred people", 10.0))
    assert (cleaned.text, cleaned.words) == ("", ())
    (removal,) = cleaned.removals
    assert (removal.raw, removal.reason) == ("We have two hundred people.", "echo")
    assert (removal.start, removal.end) == (ours[0].start, ours[-1].end)
    assert removal.evidence == {"quieter_db": 18.0}


def test_the_louder_one_keeps_them() -> None:
    words = said("We have two hundred people", 10.0)
    cleaned = hear(words, words, here=LOUD, there=QUIET)
    assert (cleaned.text, cleaned.removals) == ("We have two hundred people", ())


def test_what_is_said_around_an_echo_stays() -> None:
    ours = said("Right. we have two hundred people. How many seats?", 10.0)
    cleaned = hear(ours, said("we have two hundred people", 10.4))
    assert cleaned.text == "Right. How many seats?"
    left = [word.text.strip() for word in cleaned.words]
    assert left == ["Right.", "How", "many", "seats?"]


def test_the_same_words_later_are_an_answer() -> None:
    ours = said("two hundred people per year", 12.0)
    assert hear(ours, said("two hundred people per year", 11.6)).removals == ()


def test_a_word_that_was_heard_wrong_does_not_break_it() -> None:
    ours = said("we have too hundred people", 10.1)
    assert hear(ours, said("we have two hundred people", 10.0)).text == ""


def test_two_who_say_yes_at_once_both_said_it() -> None:
    assert hear(said("Yes.", 5.1), said("Yes.", 5.0), here=-22.0).text == "Yes."


def test_a_short_line_that_is_far_quieter_is_an_echo() -> None:
    assert hear(said("Yes.", 5.1), said("Yes.", 5.0)).text == ""


def test_a_short_stretch_of_a_longer_line_stays() -> None:
    ours = said("Yes we can do that", 5.1)
    assert hear(ours, said("Yes", 5.0)).removals == ()


def test_two_echoes_of_one_line_both_go() -> None:
    ours = said("one two three but four five six", 1.0)
    theirs = (*said("one two three", 1.1), *said("four five six", 2.7))
    ours = (*ours[:3], *said("well but then", 2.2, 0.05), *ours[4:])
    cleaned = hear(ours, theirs)
    assert cleaned.text == "well but then"
    assert [one.raw for one in cleaned.removals] == ["one two three", "four five six"]


def test_where_nothing_is_known_of_the_sound_nothing_goes() -> None:
    words = said("We have two hundred people", 10.0)
    assert hear(words, words, here=None).removals == ()


def test_what_is_always_kept_stays() -> None:
    words = said("Thank you very much", 3.0)
    rules = Rules(bag=Bag.of([], [], ["Thank you very much"]))
    assert hear(words, words, rules=rules).text == "Thank you very much"


def test_a_text_without_words_is_left_alone() -> None:
    assert (
        without_echo(Draft("Hello"), at(QUIET), OtherTrack((), at(LOUD))).text
        == "Hello"
    )


def test_the_time_of_an_echo_is_not_spoken_time() -> None:
    ours = said("Right. we have two hundred people. How many seats?", 10.0)
    removals = hear(ours, said("we have two hundred people", 10.4)).removals
    left = voice_left(((10.0, 13.6), (20.0, 21.0)), removals)
    assert [(round(a, 1), round(b, 1)) for a, b in left] == [
        (10.0, 10.4),
        (12.4, 13.6),
        (20.0, 21.0),
    ]


def test_each_word_has_one_twin() -> None:
    (run,) = runs(said("no no no", 1.0, 0.1), said("no", 1.1))
    assert (run.first, run.last, len(run.twins)) == (0, 1, 1)
