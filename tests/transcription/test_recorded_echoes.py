"""One voice on two tracks of a recorded call: the louder one keeps the line."""

from typing import Any

import numpy as np
import pytest

from meetings.models import Participant, Track
from meetings.sources import tabs
from tests.cast import Cast
from transcription import ledger, recorded_echoes
from transcription.models import Removal, Utterance

pytestmark = pytest.mark.django_db

SAID = "We have two hundred people"
LOUD, QUIET = 8_000, 400


@pytest.fixture
def them(cast: Cast) -> Participant:
    assert cast.owner.user
    return tabs.begin(cast.meeting, cast.owner.user, "Globex", "").participant


@pytest.fixture
def us(cast: Cast) -> Participant:
    assert cast.owner.seat
    return cast.owner.seat


def line(person: Participant, text: str, start_ms: int) -> Utterance:
    words: list[Any] = [
        [word, start_ms + n * 400, start_ms + n * 400 + 400, 0.9]
        for n, word in enumerate(text.split())
    ]
    return Utterance.objects.create(
        meeting=person.meeting,
        participant=person,
        start_ms=start_ms,
        end_ms=words[-1][2],
        text=text,
        words=words,
        voice=[[start_ms, words[-1][2]]],
        language="en",
    )


def clean(*loud: tuple[Participant, int]) -> None:
    """What a second pass does when it has heard these people, as loud as that."""
    meeting = loud[0][0].meeting
    tracks = recorded_echoes.loudness_for(meeting)
    for person, amplitude in loud:
        track = Track(participant=person, offset_ms=0, duration_ms=10_000)
        samples = [np.full(16_000, amplitude, np.int16)] * 10
        assert len(list(recorded_echoes.measured(track, samples, tracks))) == 10
    recorded_echoes.take_out(meeting, tracks)


def lines() -> list[tuple[str, str]]:
    rows = Utterance.objects.select_related("participant")
    return [(row.participant.name, row.text) for row in rows]


def test_the_louder_track_keeps_the_line(us: Participant, them: Participant) -> None:
    line(us, SAID, 2200)
    line(them, SAID, 2000)
    clean((us, QUIET), (them, LOUD))
    assert lines() == [("Globex", SAID)]
    removal = Removal.objects.get()
    assert (removal.reason, removal.raw, removal.participant) == ("echo", SAID, us)


def test_of_two_that_are_as_loud_both_stay(us: Participant, them: Participant) -> None:
    line(us, SAID, 2200)
    line(them, SAID, 2000)
    clean((us, LOUD), (them, LOUD))
    assert len(lines()) == 2


def test_what_else_was_said_stays_with_its_words(
    us: Participant, them: Participant
) -> None:
    line(us, f"{SAID} how many seats", 2200)
    line(them, SAID, 2000)
    clean((us, QUIET), (them, LOUD))
    row = Utterance.objects.get(participant=us)
    assert row.text == "how many seats"
    assert [word[0] for word in row.words] == ["how", "many", "seats"]
    assert Removal.objects.get().utterance == row
    assert row.voice == [[4200, 5400]]


def test_what_somebody_put_back_stays(us: Participant, them: Participant) -> None:
    line(us, SAID, 2200)
    line(them, SAID, 2000)
    clean((us, QUIET), (them, LOUD))
    ledger.restore(Removal.objects.get())
    clean((us, QUIET), (them, LOUD))
    assert len(lines()) == 2


def test_a_call_without_a_tab_is_left_alone(cast: Cast, us: Participant) -> None:
    assert cast.guest.seat
    line(us, SAID, 2200)
    line(cast.guest.seat, SAID, 2000)
    clean((us, QUIET), (cast.guest.seat, LOUD))
    assert len(lines()) == 2
