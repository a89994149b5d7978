"""One voice on two tracks of a running call: the louder one keeps the line."""

from typing import Any

import numpy as np
import pytest

from meetings.media.pcm import PCMChunk
from meetings.models import Participant
from meetings.sources import tabs
from tests.cast import Cast
from transcription.live.hub import Hub
from transcription.live.live_captions import LiveCaptions, _keep
from transcription.live.session import Introduction
from transcription.models import Removal, Utterance
from transcription.speech.engine.captions import Caption, Word

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "We have two hundred people"
LOUD, QUIET = 8_000, 400


class Call:
    """Two tracks whose captions are literal; what is told and written is kept."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        assert cast.owner.user and cast.owner.seat
        source = tabs.begin(cast.meeting, cast.owner.user, "Globex", "")
        self.us, self.them = cast.owner.seat, source.participant
        self.captions = LiveCaptions()
        self.told: list[tuple[str, str, int]] = []
        monkeypatch.setattr(self.captions, "_tell", self.tell)
        self.known = {
            person.pk: Introduction(person, Hub(), "en")
            for person in (self.us, self.them)
        }
        self.captions.echoes.begin(cast.meeting.pk, self.them.pk)

    def tell(self, known: Introduction, caption: Caption) -> None:
        self.told.append((known.speaker.name, caption.text, caption.rev))
        if caption.final:
            _keep(caption, known)

    def sounds(self, person: Participant, amplitude: int) -> None:
        """Ten seconds, as loud as that."""
        samples = np.full(160_000, amplitude, np.int16)
        chunk = PCMChunk(0, samples)
        self.captions.echoes.hear(person.meeting_id, person.pk, chunk)

    def says(
        self, person: Participant, text: str, start: float, **more: Any
    ) -> Caption:
        words = tuple(
            Word(f" {word}", start + n * 0.4, start + n * 0.4 + 0.4, 0.9)
            for n, word in enumerate(text.split())
        )
        id = f"{person.pk}-{start}"
        about = {"words": words, "raw": text, "language": "en", **more}
        caption = Caption(id, 3, start, words[-1].end, text, "", True, **about)
        self.captions._said(self.known[person.pk], caption)
        return caption


@pytest.fixture
def call(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Call:
    return Call(cast, monkeypatch)


def lines() -> list[tuple[str, str]]:
    rows = Utterance.objects.select_related("participant")
    return [(row.participant.name, row.text) for row in rows]


def test_an_echo_after_its_line_is_not_said(call: Call) -> None:
    call.sounds(call.them, LOUD)
    call.sounds(call.us, QUIET)
    call.says(call.them, SAID, 2.0)
    call.says(call.us, f"{SAID}.", 2.2)
    assert lines() == [("Globex", SAID)]
    removal = Removal.objects.get()
    assert (removal.reason, removal.participant) == ("echo", call.us)
    assert removal.why.startswith("heard louder")


def test_an_echo_before_its_line_is_taken_back(call: Call) -> None:
    call.sounds(call.them, LOUD)
    call.sounds(call.us, QUIET)
    call.says(call.us, SAID, 2.2)
    assert lines() == [("Olga Owner", SAID)]
    call.says(call.them, SAID, 2.0)
    assert lines() == [("Globex", SAID)]
    assert call.told[-1] == ("Olga Owner", "", 4)  # the pages take it back
    assert Removal.objects.get().raw == SAID


def test_what_else_was_said_stays(call: Call) -> None:
    call.sounds(call.them, LOUD)
    call.sounds(call.us, QUIET)
    call.says(call.us, f"{SAID} how many seats", 2.2)
    call.says(call.them, SAID, 2.0)
    assert lines() == [("Globex", SAID), ("Olga Owner", "how many seats")]


def test_a_rep_who_comes_back_from_the_other_side_is_the_louder_one(call: Call) -> None:
    call.sounds(call.them, QUIET)
    call.sounds(call.us, LOUD)
    call.says(call.us, SAID, 2.0)
    call.says(call.them, SAID, 2.25)
    assert lines() == [("Olga Owner", SAID)]


def test_people_of_one_side_are_not_compared(cast: Cast, call: Call) -> None:
    assert cast.guest.seat
    call.known[cast.guest.seat.pk] = Introduction(cast.guest.seat, Hub(), "en")
    call.sounds(cast.guest.seat, LOUD)
    call.sounds(call.us, QUIET)
    call.says(cast.guest.seat, SAID, 2.0)
    call.says(call.us, SAID, 2.1)
    assert len(lines()) == 2


def test_partials_and_other_calls_pass(call: Call) -> None:
    caption = Caption("x", 1, 0, 1, "Hello", "", False)
    known = call.known[call.us.pk]
    assert call.captions.echoes.judge(known, caption) == [(known, caption)]
    call.captions.echoes.forget(call.us.meeting_id)
    final = call.says(call.us, SAID, 2.0)
    assert call.captions.echoes.judge(known, final) == [(known, final)]


def test_a_tab_is_known_by_what_was_stated(cast: Cast, call: Call) -> None:
    assert call.them.is_tab and not call.us.is_tab
