"""What a tracker finds in a call, and what has to be true of it."""

import pytest

from dashboard.search.normal import normal
from dashboard.trackers.call_text import CallText, TurnText
from dashboard.trackers.finding import MOST_HITS, PhraseFinder
from dashboard.trackers.wanted import Place, WantedPhrases

ANNA, BEN = 1, 2
MINUTE = 60_000


def turn(person: int, start_ms: int, text: str, language: str = "en") -> TurnText:
    """A turn of Anna (us) or Ben (them), a word every 300 ms."""
    places, at = [], 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        places.append([at, start_ms + 300 * number])
        at += len(word)
    name, side = ("Anna", "us") if person == ANNA else ("Ben  Büchner", "them")
    end = start_ms + 300 * len(places)
    pk = person * 1_000_000 + start_ms
    where = (start_ms, end, text, places, normal(text), language)
    return TurnText(pk, person, name, side, *where)


def call(*turns: TurnText, minutes: int = 60) -> CallText:
    return CallText(minutes * MINUTE, turns)


def starts(wanted: WantedPhrases, spoken: CallText) -> list[int]:
    return [hit.start_ms for hit in PhraseFinder(wanted).find(spoken)]


def test_it_says_which_words_and_when() -> None:
    [hit] = PhraseFinder(WantedPhrases({"": ["the price"]})).find(
        call(turn(BEN, 10_000, "What is the price of it?"))
    )
    assert hit.turn.text[hit.begin : hit.end] == "the price"
    assert (hit.start_ms, hit.end_ms) == (10_600, 11_200)


def test_the_last_word_ends_with_the_turn() -> None:
    [hit] = PhraseFinder(WantedPhrases({"": ["price"]})).find(
        call(turn(BEN, 0, "What price"))
    )
    assert (hit.start_ms, hit.end_ms) == (300, 600)


SPOKEN = call(
    turn(ANNA, 0, "Our price is low."),
    turn(BEN, 30 * MINUTE, "What is the price? I hear the price is high."),
)
BOTH_OF_BEN = [30 * MINUTE + 900, 30 * MINUTE + 2_100]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [300, *BOTH_OF_BEN]),
        ({"side": "us"}, [300]),
        ({"side": "them"}, BOTH_OF_BEN),
        ({"person": "ben büchner"}, BOTH_OF_BEN),
        ({"person": "ben"}, []),
        ({"question": True}, BOTH_OF_BEN[:1]),
        ({"place": Place("first", 10)}, [300]),
        ({"place": Place("last", 30)}, BOTH_OF_BEN),
        ({"place": Place("last", 29)}, []),
        ({"place": Place("first", 20, percent=True)}, [300]),
        ({"place": Place("last", 50, percent=True)}, BOTH_OF_BEN),
    ],
)
def test_it_counts_only_what_is_asked_for(
    more: dict[str, object], expected: list[int]
) -> None:
    assert starts(WantedPhrases({"": ["price"]}, **more), SPOKEN) == expected  # type: ignore[arg-type]


def test_a_phrase_counts_in_its_language_and_where_nobody_knows_it() -> None:
    found = {
        code: len(
            starts(
                WantedPhrases({"en": ["die"]}), call(turn(ANNA, 0, "Die Frage", code))
            )
        )
        for code in ("de", "en", "")
    }
    assert found == {"de": 0, "en": 1, "": 1}
    spoken = call(turn(ANNA, 0, "Die Frage", "de"))
    assert len(starts(WantedPhrases({"": ["die"]}), spoken)) == 1


def test_a_call_that_repeats_one_word_has_hits_up_to_a_limit() -> None:
    spoken = call(turn(ANNA, 0, "price " * 5_000))
    asked = WantedPhrases({"": ["price"]}, question=True)
    assert len(starts(WantedPhrases({"": ["price"]}), spoken)) == MOST_HITS
    assert starts(asked, spoken) == []
