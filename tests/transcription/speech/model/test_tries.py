"""What becomes of a text that repeats itself in every try."""

from collections.abc import Sequence

import numpy as np

from transcription.speech.model import guards
from transcription.speech.model.tries import Tries
from transcription.speech.model.windows import Decoded, Search, Window

LOOP = "and so my fellow and so my fellow and so my fellow and so my fellow"
# Of low compression, and yet twice the same: what a draw of lots wrote once.
DRAWN = "another thing was drawn here by lots, was drawn here by lots, and it ends"
STRICT = (
    "and so my fellow, my fellow and so, so fellow my and, fellow so and my, "
    "and my so fellow"
)


def decode(windows: Sequence[Window], search: Search) -> list[Decoded]:
    text = STRICT if search.no_repeat else DRAWN if search.temperature else LOOP
    return [Decoded(text, "en", 0.1, 0.0) for _ in windows]


def test_the_last_resort_is_taken_where_all_else_repeats_itself() -> None:
    assert guards.repeats(DRAWN)
    assert guards.compression(DRAWN) < guards.compression(STRICT)
    window = Window(np.zeros((80, 3000), np.float32), frames=500)
    (line,) = Tries(decode, beam=5).best([window])
    assert line.text == STRICT
