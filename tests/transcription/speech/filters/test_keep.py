"""What an admin always keeps stays, whichever filter would take it."""

from dataclasses import replace

import pytest

from transcription.speech.engine.captions import Word
from transcription.speech.filters import Draft, Evidence, Rules, clean
from transcription.speech.filters.bag import Bag

VOICED = Evidence(0.0, 4.0, voiced=((0.0, 4.0),))
SILENT = Evidence(0.0, 4.0, voiced=())
LATE = (Word("Yes.", 0.0, 0.5, 0.9), Word("Goodbye.", 9.0, 9.5, 0.9))
RULES = Rules("en", scripts=("Latin",), bag=Bag.of(certain=["amara.org"]))


@pytest.mark.parametrize(
    ("draft", "evidence", "reason"),
    [
        (Draft("Bye bye bye bye bye bye."), VOICED, "loop"),
        (Draft("The price это low"), VOICED, "script"),
        (Draft("Thanks for nothing"), SILENT, "no speech"),
        (Draft("Yes. Goodbye.", LATE), VOICED, "no speech"),
        (Draft("See amara.org please"), VOICED, "known phrase"),
    ],
)
def test_it_stays_once_it_is_always_kept(
    draft: Draft, evidence: Evidence, reason: str
) -> None:
    (removal,) = clean(draft, evidence, RULES).removals
    assert removal.reason == reason
    keeping = replace(RULES, bag=Bag.of(certain=["amara.org"], keep=[removal.raw]))
    cleaned = clean(draft, evidence, keeping)
    assert (cleaned.text, cleaned.removals) == (draft.text, ())


def test_a_kept_phrase_saves_what_lies_in_it_and_nothing_else() -> None:
    bag = Bag.of(
        certain=["thanks for watching", "bye now"],
        keep=["Thanks for watching the kids"],
    )
    text = "Thanks for watching the kids. Bye now."
    cleaned = clean(Draft(text), VOICED, Rules("en", bag=bag))
    assert cleaned.text == "Thanks for watching the kids."
