from benchmarks.noise import Heard, filtered
from transcription.speech.filters import Rules
from transcription.speech.filters.bag import Bag

RULES = Rules("en", bag=Bag.of(["subtitles by the amara org community"], ["the bag"]))


def test_it_filters_loops_and_the_bag_without_a_vad() -> None:
    heard = [
        Heard(" Please send it now, send it now, send it now.", 4.0, 0.0, 0.9),
        Heard(" Subtitles by the Amara.org community", 2.0, 0.0, 0.9),
        Heard(" The bag.", 1.0, no_speech=0.9, confidence=0.9),
        Heard(" The bag.", 1.0, no_speech=0.0, confidence=0.9),
    ]

    assert " ".join(filtered(heard, RULES).split()) == "Please send it now, The bag."
