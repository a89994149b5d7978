"""Text where nobody spoke is taken out, and told."""

from transcription.speech.engine.captions import Word
from transcription.speech.filters import Draft, Evidence, Rules, clean

RULES = Rules("en")


def word(text: str, start: float, end: float) -> Word:
    return Word(text, start, end, 0.9)


def test_it_leaves_spoken_text_alone() -> None:
    words = (word("Good", 1.0, 1.3), word("morning.", 1.3, 1.8))
    evidence = Evidence(1.0, 1.8, voiced=((1.0, 1.8),))
    cleaned = clean(Draft("Good morning.", words), evidence, RULES)
    assert (cleaned.text, cleaned.words, cleaned.removals) == (
        "Good morning.",
        words,
        (),
    )


def test_it_takes_out_text_without_speech() -> None:
    evidence = Evidence(4.0, 5.0, voiced=((4.0, 4.03),), no_speech=0.8)
    cleaned = clean(Draft("Thanks for watching!"), evidence, RULES)
    assert cleaned.text == ""
    (removal,) = cleaned.removals
    assert (removal.raw, removal.reason) == ("Thanks for watching!", "no speech")
    assert (removal.start, removal.end) == (4.0, 5.0)
    assert removal.evidence == {
        "speech_seconds": 0.03,
        "word_probability": 1.0,
        "no_speech": 0.8,
    }


def test_it_takes_out_the_words_that_are_far_from_speech() -> None:
    words = (word("Yes.", 1.0, 1.4), word("Thank", 3.0, 3.2), word("you.", 3.2, 3.5))
    evidence = Evidence(1.0, 3.5, voiced=((1.0, 1.4),))
    cleaned = clean(Draft("Yes. Thank you.", words), evidence, RULES)
    assert cleaned.text == "Yes."
    assert [removal.raw for removal in cleaned.removals] == ["Thank you."]


def test_it_keeps_the_spelling_of_what_is_left() -> None:
    """Words as Whisper cuts them: not every one begins with a space."""
    words = (
        word("ありがとう", 1.0, 1.4),
        word("ござい", 1.4, 1.6),
        word("ます。", 1.6, 1.8),
        word("ご視聴", 4.0, 4.3),
    )
    evidence = Evidence(1.0, 4.3, voiced=((1.0, 1.8),))
    cleaned = clean(Draft("ありがとうございます。ご視聴", words), evidence, RULES)
    assert cleaned.text == "ありがとうございます。"
    assert cleaned.words == words[:3]
    assert [removal.raw for removal in cleaned.removals] == ["ご視聴"]


def test_it_has_nothing_to_say_about_no_text() -> None:
    cleaned = clean(Draft(""), Evidence(1.0, 1.0, voiced=()), RULES)
    assert (cleaned.text, cleaned.removals) == ("", ())


def test_it_takes_out_more_words_than_there_was_time_for() -> None:
    text = "Thank you for watching, please subscribe."
    hasty = Evidence(4.0, 4.3, voiced=((4.0, 4.3),))
    cleaned = clean(Draft(text), hasty, RULES)
    assert cleaned.text == ""
    assert [removal.raw for removal in cleaned.removals] == [text]


def test_quick_speech_stays() -> None:
    """Seven words a second, and a short one that the VAD missed."""
    said = Evidence(4.0, 5.0, voiced=((4.0, 5.0),))
    text = "I will have it done by noon tomorrow."
    assert clean(Draft(text), said, RULES).text == text
