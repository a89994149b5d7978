"""Utterances that share a window without the silence between them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.audio.features import HOP
from transcription.speech.audio.sound import SAMPLE_RATE, Floats
from transcription.speech.engine.captions import Word
from transcription.speech.engine.open_utterance import OpenUtterance
from transcription.speech.engine.packing import BETWEEN, PackedWindow, Slot
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.model.windows import Decoded


class Ramp(VoiceTrack):
    """A track whose samples are their own positions."""

    @property
    def start(self) -> int:
        return 0

    def sound(self, start: int, end: int) -> Floats:
        return np.arange(start, end, dtype=np.float32)


def spoken(start: int, seconds: float) -> OpenUtterance:
    end = start + int(seconds * SAMPLE_RATE)
    return OpenUtterance(start, end, voiced=[(start, end)])


def packed(gaps: list[float], lengths: list[float]) -> PackedWindow:
    """Utterances with so many seconds before and in them; margins behind them all."""
    track, at, window = Ramp(), 0, None
    for gap, length in zip(gaps, lengths, strict=False):
        start = -(-(at + int(gap * SAMPLE_RATE)) // HOP) * HOP
        utterance = spoken(start, length)
        at = utterance.speech_end
        end = at + SAMPLE_RATE // 5
        if window is None:
            window = PackedWindow(track, utterance, end)
        else:
            room = window.length_with(track, utterance, end)
            window.add(track, utterance, end)
            assert window.length == room
    assert window
    return window


def heard(window: PackedWindow, start: int, end: int) -> Floats:
    return window._sound[start:end]


seconds = st.lists(st.floats(0.1, 20.0), min_size=1, max_size=6)


@given(st.lists(st.floats(0.0, 40.0), min_size=6, max_size=6), seconds)
def test_each_is_heard_whole_with_little_silence_between(
    gaps: list[float], lengths: list[float]
) -> None:
    window = packed(gaps, lengths)
    spans = []
    for slot in window.slots:
        first, last = slot.at, slot.inside(slot.utterance.speech_end)
        sound = heard(window, first, last)
        assert sound[0] == slot.utterance.start
        assert sound[-1] == slot.utterance.speech_end - 1
        assert (np.diff(sound) == 1).all()
        spans.append((first, last))
    for (_, last), (first, _) in zip(spans, spans[1:], strict=False):
        assert 0 <= first - last <= (BETWEEN + 0.2) * SAMPLE_RATE + HOP


@given(st.lists(st.floats(0.3, 40.0), min_size=6, max_size=6), seconds)
def test_words_are_given_back_at_their_times(
    gaps: list[float], lengths: list[float]
) -> None:
    window = packed(gaps, lengths)
    words = []
    for number, slot in enumerate(window.slots):
        first = slot.at / SAMPLE_RATE
        last = slot.inside(slot.utterance.speech_end) / SAMPLE_RATE
        words.append(Word(f"first{number}", first, first + 0.05, 0.9))
        words.append(Word(f"last{number}", last - 0.05, last, 0.9))
    text = " ".join(word.text for word in words)
    line = Decoded(text, "en", 0.9, 0.0, tuple(words))
    for number, (slot, part) in enumerate(window.shared(line)):
        spoken_for = slot.utterance.speech_end - slot.utterance.start
        assert part.text == f"first{number} last{number}"
        assert [word.text for word in part.words] == part.text.split()
        assert abs(part.words[0].start) < 0.001
        assert abs(part.words[-1].end - spoken_for / SAMPLE_RATE) < 0.001


def test_a_word_before_a_pause_stays_where_it_began() -> None:
    """In an alignment it lasts until the next word begins."""
    window = packed([1.0, 3.0], [0.15, 1.0])
    until = window.slots[1].at / SAMPLE_RATE + 0.3
    words = Word("Great.", 0.0, until, 0.9), Word("Thanks.", until, until + 0.4, 0.9)
    line = Decoded("Great. Thanks.", "en", 0.9, 0.0, words)
    assert [part.text for _, part in window.shared(line)] == ["Great.", "Thanks."]


def test_what_was_cut_goes_on_without_a_seam() -> None:
    track, first = Ramp(), spoken(HOP * 100, 2.0)
    rest = spoken(first.speech_end // HOP * HOP, 3.0)
    window = PackedWindow(track, first, rest.start)
    window.add(track, rest, rest.speech_end)
    sound = heard(window, 0, window.length)
    assert (np.diff(sound) == 1).all()
    assert window.slots[-1] == Slot(rest, rest.start - first.start)
