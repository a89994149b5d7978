"""Lines in which several people speak, cut where the speaker changes."""

from transcription.speakers.pieces import Turns, cut, steady, within

WORDS = [
    ["Are", 0, 200, 0.9],
    ["you", 200, 400, 0.9],
    ["well?", 400, 900, 0.9],
    ["Yes,", 1100, 1500, 0.9],
    ["thanks.", 1500, 2000, 0.9],
]
TEXT = "Are you well?  Yes, thanks."
TURNS = Turns([(0, 1000, "anna"), (1000, 2000, "ben")])


def test_a_line_is_cut_where_the_speaker_changes() -> None:
    one, other = cut(TEXT, WORDS, (0, 2100), TURNS.label)
    assert (one.label, one.text, one.after) == ("anna", "Are you well?", "  ")
    assert (other.label, other.text) == ("ben", "Yes, thanks.")
    assert (one.start_ms, one.end_ms) == (0, 1000)
    assert (other.start_ms, other.end_ms) == (1000, 2100)
    assert [*one.words, *other.words] == WORDS


def test_a_line_of_one_person_stays_as_it_is() -> None:
    (only,) = cut(TEXT, WORDS, (0, 2100), Turns([(0, 5000, "anna")]).label)
    assert (only.text, only.words, only.end_ms) == (TEXT, WORDS, 2100)


def test_a_line_without_timed_words_is_of_who_speaks_most_of_it() -> None:
    (only,) = cut("Well", [], (800, 1900), TURNS.label)
    assert only.label == "ben"


def test_a_word_that_was_corrected_away_does_not_cut_the_text() -> None:
    parts = cut("Are you fine? Oh, thanks.", WORDS, (0, 2100), TURNS.label)
    assert " ".join(part.text for part in parts) == "Are you fine? Oh, thanks."
    assert sum(len(part.words) for part in parts) == len(WORDS)


def test_a_word_in_no_turn_is_of_the_nearest_one() -> None:
    assert TURNS.label(2500, 2600) == "ben"
    assert TURNS.label(9000, 9100) == ""


def test_a_short_word_alone_does_not_change_sides() -> None:
    assert steady(list("abaaa"), WORDS) == list("aaaaa")
    assert steady(list("aabaa"), WORDS) == list("aabaa")  # half a second: no flicker


def test_voice_is_cut_with_its_line() -> None:
    assert within([[0, 900], [1100, 2000]], 500, 1200) == [[500, 900], [1100, 1200]]
