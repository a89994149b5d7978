"""Subtitles: what fits on a screen, in true time, whatever is said in it."""

import re

import pytest

from meetings.models import Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.egress.subtitles import LONGEST, cues, subrip, webvtt

pytestmark = pytest.mark.django_db


@pytest.fixture
def speaker(cast: Cast) -> Participant:
    assert cast.owner.seat
    return cast.owner.seat


def test_a_short_line_is_one_cue(speaker: Participant) -> None:
    (cue,) = cues([say(speaker, 61_250, "Good morning to you")])
    assert (cue.start_ms, cue.end_ms, cue.text) == (61_250, 62_400, cue.text)
    assert cue.text == "Good morning to you"


def test_a_long_line_is_cut_at_words_and_says_all(speaker: Participant) -> None:
    text = " ".join(f"word{n}" for n in range(60))
    found = list(cues([say(speaker, 0, text)]))
    assert " ".join(cue.text for cue in found) == text
    assert max(len(cue.text) for cue in found) <= LONGEST
    assert max(cue.end_ms - cue.start_ms for cue in found) <= 7_300
    assert all(a.end_ms <= b.start_ms for a, b in zip(found, found[1:], strict=False))


def test_a_line_without_word_times_stays_whole(speaker: Participant) -> None:
    (cue,) = cues([say(speaker, 0, "word " * 60, [], end_ms=9_000)])
    assert cue.end_ms == 9_000


def test_subrip_is_as_players_read_it(speaker: Participant) -> None:
    lines = [say(speaker, 0, "One two"), say(speaker, 360_000_000, "Three")]
    assert subrip(lines) == (
        f"1\r\n00:00:00,000 --> 00:00:00,550\r\n{speaker.name}: One two\r\n\r\n"
        f"2\r\n100:00:00,000 --> 100:00:00,250\r\n{speaker.name}: Three\r\n"
    )


def test_webvtt_has_no_markup_but_ours(speaker: Participant) -> None:
    speaker.name = "Ann <b>&"
    shown = webvtt([say(speaker, 0, "1 < 2 -->\n\nNOTE x", [])])
    assert shown.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert "<v Ann &lt;b&gt;&amp;>1 &lt; 2 --&gt; NOTE x</v>" in shown
    assert len(re.findall("-->", shown)) == 1


def test_nothing_said_is_an_empty_file() -> None:
    assert (subrip([]), webvtt([])) == ("", "WEBVTT\n")
