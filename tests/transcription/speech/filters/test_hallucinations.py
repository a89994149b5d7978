import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.engine.captions import Word
from transcription.speech.filters.bag import Bag, places
from transcription.speech.filters.draft import Draft, Evidence, Rules
from transcription.speech.filters.hallucinations import empty_bag
from transcription.speech.filters.normal import tokens
from transcription.speech.filters.seed import CERTAIN, languages, seeds, starter_bag

STRONG = Evidence(0.0, 3.0, ((0.2, 2.4),), no_speech=0.01, confidence=0.95)
WEAK = Evidence(0.0, 3.0, ((0.2, 0.35),), no_speech=0.6, confidence=0.3)


def left(text: str, evidence: Evidence = STRONG, language: str = "en") -> str:
    rules = Rules(language, bag=starter_bag(language))
    return empty_bag(Draft(text), evidence, rules).text


@pytest.mark.parametrize("text", ["Yes.", "No.", "Okay.", "Thank you.", "Bye."])
def test_what_people_really_say_stays(text: str) -> None:
    assert left(text) == text


@pytest.mark.parametrize("text", ["Thank you.", "You", "Bye.", "So", "Okay."])
def test_an_ambiguous_line_goes_when_the_sound_is_weak(text: str) -> None:
    assert left(text, WEAK) == ""


def test_a_word_outside_the_bag_needs_no_evidence() -> None:
    assert left("Yes.", WEAK) == "Yes."


def test_an_ambiguous_phrase_inside_a_line_stays() -> None:
    text = "Thank you very much, we have fifty people."
    assert left(text, WEAK) == text


def test_a_certain_phrase_goes_wherever_it_stands() -> None:
    text = "We have fifty people. Subtitles by the Amara.org community. Can we talk?"
    assert left(text) == "We have fifty people. Can we talk?"


def test_an_outro_goes_as_a_sentence_and_stays_within_one() -> None:
    assert left("That is all. Thanks for watching!") == "That is all."
    told = "Thank you for watching this demo with us."
    assert left(told) == told


def test_sound_effects_go_in_brackets_only() -> None:
    assert left("[Music] We sell music. (applause)") == "We sell music."
    assert left("The price (per user) is low.") == "The price (per user) is low."
    assert left("♪ la la la ♪") == ""


def test_only_whole_words_match() -> None:
    rules = Rules("en", bag=Bag.of(certain=["art of war"]))
    text = "Start of war and art of warming"
    assert empty_bag(Draft(text), STRONG, rules).text == text


def test_neighbouring_phrases_are_all_found() -> None:
    rules = Rules("en", bag=Bag.of(certain=["aa bb", "cc"]))
    assert empty_bag(Draft("AA, bb cc cc aa bb."), STRONG, rules).text == ""


def test_the_longest_phrase_counts() -> None:
    rules = Rules("en", bag=Bag.of(certain=["like", "like and subscribe"]))
    cleaned = empty_bag(Draft("Please like and subscribe now"), STRONG, rules)
    assert cleaned.text == "Please now"
    assert [r.raw for r in cleaned.removals] == ["like and subscribe"]


def test_a_phrase_that_begins_another_is_found() -> None:
    phrases = ["thanks for watching", "ok thanks for watching everyone"]
    rules = Rules("en", bag=Bag.of(certain=phrases))
    assert empty_bag(Draft("Ok, thanks for watching!"), STRONG, rules).text == "Ok,"


@given(st.lists(st.text("ab ", min_size=1, max_size=8), max_size=6), st.text("ab "))
def test_it_finds_every_phrase_of_a_line(phrases: list[str], line: str) -> None:
    """As looking for each phrase at each word does."""
    wanted = {tuple(phrase.split()) for phrase in phrases} - {()}
    words, at = line.split(), 0
    right: list[tuple[int, int]] = []
    while at < len(words):
        left = len(words) - at
        sizes = [n for n in range(left, 0, -1) if (*words[at : at + n],) in wanted]
        if sizes:
            right.append((at, at + sizes[0] - 1))
        at += sizes[0] if sizes else 1
    assert list(places(Bag.of(certain=phrases).certain, tokens(line))) == right


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("hello[music]world", "hello world"),
        ("It grew [music] .5 percent", "It grew .5 percent"),
        ("Like and subscribe.5 degrees", ".5 degrees"),
        ("Subtitles by www.nobody.co.uk.", ""),
        ("So. Subtitles by www.nobody.co.uk. Yes.", "So. Yes."),
        ("It is 2.5. Yes", "It is 2.5. Yes"),
    ],
)
def test_a_point_may_stand_inside(text: str, left: str) -> None:
    phrases = ["[music]", "like and subscribe", "Subtitles by www.nobody.co.uk.", "5."]
    rules = Rules("en", bag=Bag.of(certain=phrases))
    assert empty_bag(Draft(text), STRONG, rules).text == left


def test_accents_may_be_written_apart() -> None:
    rules = Rules("fr", bag=Bag.of(certain=["cafe\u0301 noir"]))
    assert empty_bag(Draft("Un caf\u00e9 noir"), STRONG, rules).text == "Un"


def test_always_keep_wins() -> None:
    rules = Rules("en", bag=Bag.of(ambiguous=["you"], keep=["You"]))
    assert empty_bag(Draft("You."), WEAK, rules).text == "You."


def test_case_width_and_apostrophes_do_not_matter() -> None:
    rules = Rules("fr", bag=Bag.of(certain=["réalisés par l’amara"]))
    assert empty_bag(Draft("ＲÉALISÉS PAR L'AMARA"), STRONG, rules).text == ""


def test_a_script_without_spaces_matches_between_marks() -> None:
    assert (
        left("価格です。ご視聴ありがとうございました。", language="ja") == "価格です。"
    )


def test_the_ledger_says_what_when_and_why() -> None:
    words = (
        Word("Hello.", 0.1, 0.4, 0.9),
        Word("Please", 1.0, 1.2, 0.4),
        Word("subscribe", 1.2, 1.6, 0.4),
        Word("to", 1.6, 1.7, 0.4),
        Word("my", 1.7, 1.8, 0.4),
        Word("channel.", 1.8, 2.2, 0.4),
    )
    draft = Draft("Hello. Please subscribe to my channel.", words)
    cleaned = empty_bag(draft, STRONG, Rules("en", bag=starter_bag("en")))
    (removal,) = cleaned.removals
    assert cleaned.words == words[:1]
    assert (removal.raw, removal.start, removal.end) == (
        "Please subscribe to my channel.",
        1.0,
        2.2,
    )
    assert (removal.reason, removal.evidence["no_speech"]) == ("known phrase", 0.01)


@pytest.mark.parametrize("language", languages())
def test_every_certain_phrase_of_the_starter_bags_goes(language: str) -> None:
    for seed in seeds(language):
        if seed.tier == CERTAIN:
            assert left(seed.phrase, STRONG, language) == "", seed


def test_an_empty_bag_takes_nothing() -> None:
    text = "Thanks for watching."
    assert empty_bag(Draft(text), WEAK, Rules("xx")).text == text


def test_a_bag_of_fifty_thousand_phrases_loads_in_a_second() -> None:
    phrases = [f"phrase number {n} of the long list" for n in range(50_000)]
    begun = time.process_time()
    bag = Bag.of(certain=phrases)
    assert time.process_time() - begun < 5  # the benchmark holds it to one second
    rules = Rules("en", bag=bag)
    text = "So: phrase number 49999 of the long list, yes"
    assert empty_bag(Draft(text), STRONG, rules).text == "So: yes"
