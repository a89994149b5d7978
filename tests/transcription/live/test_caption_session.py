"""Sound that waits until it is known who speaks."""

import numpy as np
from structlog.testing import capture_logs

from meetings.media.pcm import PCMChunk
from transcription.live.session import HELD_MS, CaptionSession


def test_it_holds_a_minute_and_says_once_that_more_is_lost() -> None:
    session = CaptionSession(1, 2, lambda known, caption: None)
    with capture_logs() as said:
        for t in range(0, 2 * HELD_MS, 1000):
            session.hear(PCMChunk(t, np.zeros(16_000, np.int16)))
    assert session.held[0].t == 2 * HELD_MS - 1000 - HELD_MS
    assert [entry["event"] for entry in said] == ["captions lose sound"]


def test_it_holds_nothing_of_somebody_who_is_gone() -> None:
    session = CaptionSession(1, 2, lambda known, caption: None)
    session.hear(PCMChunk(0, np.zeros(16_000, np.int16)))
    session.introduce(None)
    session.hear(PCMChunk(1000, np.zeros(16_000, np.int16)))
    assert not session.held and session.over
