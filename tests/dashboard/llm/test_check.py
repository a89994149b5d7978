"""What a model wrote is shown only where the words of the call bear it out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.llm import check
from dashboard.llm.check import SourceLine, fault
from dashboard.llm.words import numbers

SAID = [
    SourceLine("Ben", "We have fifty seats and pay 12,000 euros a year.", "en"),
    SourceLine("Anna", "I will send you the offer by Friday.", "en"),
    SourceLine("Ben", "We do not want the mobile app. Is the data encrypted?", "en"),
    SourceLine("Anna", "If you sign in March, we can give ten percent off.", "en"),
]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ben's team has 50 seats and pays 12000 euros a year.",
        "Anna sends the offer by Friday.",
        "They do not want the mobile app.",
        "Ben asked whether the data is encrypted.",
        "Anna offers 10 percent off if they sign in March.",
    ],
)
def test_what_was_said_is_borne_out(sentence: str) -> None:
    assert fault(sentence, SAID) == ""


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Ben's team has 60 seats and pays 12000 euros.", "a number that was not"),
        ("Anna sends the offer to Carol by Friday.", "a name that was not said: Carol"),
        ("They want the mobile app.", check.NEGATION),
        ("Anna will not send the offer by Friday.", check.NEGATION),
        ("The data is encrypted.", check.QUESTION),
        ("Anna gives 10 percent off in March.", check.CONDITION),
        ("They were delighted about our wonderful product.", check.OTHER_WORDS),
        ("See https://evil.example/offer by Friday.", "an address that was not"),
        ("Send the offer to eve@evil.example by Friday.", "an address that was not"),
        ("It is so.", check.NO_WORDS),
        ("Ben sends Anna the offer by Friday.", check.SPEAKER),
        ("Anna sends the offer by Friday. " * 30, check.TOO_LONG),
    ],
)
def test_what_was_not_said_is_left_out_with_the_reason(sentence: str, why: str) -> None:
    assert why in fault(sentence, SAID)


def test_a_sentence_without_a_moment_is_left_out() -> None:
    assert fault("Anna sends the offer by Friday.", []) == check.CITES_NOTHING


def test_what_the_customer_will_do_is_not_ours_in_a_mail() -> None:
    told = "I will send you the contract on Monday."
    theirs = [SourceLine("Ben", told, "en", ours=False)]
    assert fault(told, theirs, in_our_name=True) == check.SPEAKER
    assert fault("Ben sends the contract on Monday.", theirs, in_our_name=True) == ""
    assert fault(told, [SourceLine("Anna", told, "en")], in_our_name=True) == ""


def test_words_of_another_line_do_not_count() -> None:
    assert fault("Anna sends the offer by Friday.", SAID[:1])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twenty-five people", {25}),
        ("two hundred thousand", {200_000}),
        ("12,000 euros", {12_000}),
        ("12.000 Euro", {12_000}),
        ("1.5 percent", {1.5}),
        ("one or two", {1, 2}),
        ("une offre", set()),
        ("fünfzig Leute und dreißig", {50, 30}),
        ("version 1.2.3", {123}),
    ],
)
def test_numbers_are_the_same_in_figures_and_words(
    text: str, found: set[float]
) -> None:
    assert numbers(text) == found


def test_other_languages_are_read() -> None:
    french = [SourceLine("Luc", "Nous ne voulons pas de cette option.", "fr")]
    assert fault("Ils ne veulent pas de cette option.", french) == ""
    assert fault("Ils veulent cette option.", french)
    german = [SourceLine("Jan", "Ich schicke Ihnen das Angebot am Freitag.", "de")]
    assert fault("Jan schickt das Angebot am Freitag.", german) == ""
    assert fault("Jan schickt das Angebot nicht am Freitag.", german)


# The first letters of all scripts take a busy machine seconds.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=120), st.lists(st.text(max_size=80), max_size=2))
def test_any_text_has_an_answer(sentence: str, lines: list[str]) -> None:
    assert isinstance(fault(sentence, [SourceLine("A", line) for line in lines]), str)


@given(st.text(alphabet="abcdefghij ", min_size=12, max_size=80))
def test_a_sentence_is_borne_out_by_itself(text: str) -> None:
    why = fault(text, [SourceLine("A", text, "en")])
    assert why in ("", check.NO_WORDS)
