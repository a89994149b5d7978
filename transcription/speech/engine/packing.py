"""Utterances of a recording side by side in one window, with little silence between.

Whoever waits for the others is silent most of the time, and an input costs the same
whatever is in it; small models also lose their way in long silences. What is left out
is known, so that word times can be given back to the utterances.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from transcription.speech.audio.features import HOP, MelBuffer
from transcription.speech.audio.sound import SAMPLE_RATE, SlidingBuffer
from transcription.speech.engine import cutting
from transcription.speech.engine.captions import Word
from transcription.speech.engine.open_utterance import OpenUtterance
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.model.windows import Decoded

_EARLY = 0.05  # s by which a word seems to begin too early
BETWEEN = 0.5  # s of silence that stay between two utterances, beside their margins


class Slot(NamedTuple):
    """An utterance, and the sample of the window at which it begins."""

    utterance: OpenUtterance
    at: int

    def inside(self, sample: int) -> int:
        """Where a sample of the track lies in the window."""
        return sample - self.utterance.start + self.at


class PackedWindow:
    """A copy of the sound of utterances that follow each other on one track."""

    def __init__(self, track: VoiceTrack, utterance: OpenUtterance, end: int) -> None:
        """``end``: the sample of the track at which the utterance's sound ends."""
        self.slots = [Slot(utterance, 0)]
        self.end = end  # sample of the track up to which it has sound
        begin = max(utterance.start - HOP * 2, track.start)  # a frame looks back
        self._sound = SlidingBuffer(start=begin - utterance.start)
        self._sound.append(track.sound(begin, end))

    @property
    def length(self) -> int:
        """Samples."""
        return self._sound.end

    @property
    def utterances(self) -> list[OpenUtterance]:
        """Whose sound it is."""
        return [utterance for utterance, _ in self.slots]

    @property
    def mels(self) -> MelBuffer:
        """The input is made of this."""
        return MelBuffer(self._sound)

    def length_with(self, track: VoiceTrack, utterance: OpenUtterance, end: int) -> int:
        """How many samples it would have with one more."""
        return self.length + end - self._begin(track, utterance)

    def add(self, track: VoiceTrack, utterance: OpenUtterance, end: int) -> None:
        """Lay one more behind the others."""
        begin = self._begin(track, utterance)
        at = self.length + utterance.start - begin
        self.slots.append(Slot(utterance, at))
        self._sound.append(track.sound(begin, max(begin, end)))
        self.end = max(self.end, end)

    def _begin(self, track: VoiceTrack, utterance: OpenUtterance) -> int:
        """The sample of the track from which on one more is laid behind the others."""
        silent = utterance.start - int(BETWEEN * SAMPLE_RATE)
        return max(self.end, silent, track.start)

    def shared(self, line: Decoded) -> Iterator[tuple[Slot, Decoded]]:
        """Each utterance with its words of the window's line, by their times."""
        for slot, following in zip(self.slots, [*self.slots[1:], None], strict=True):
            part, count = line, len(line.words)
            if following:
                until = slot.inside(slot.utterance.speech_end) / SAMPLE_RATE
                count = sum(_begun(word) < until for word in line.words)
                words = line.words[count:]
                part, line = cutting.divide(line, count)
                line = replace(line, words=words)
            yield slot, cutting.later(part, -slot.at / SAMPLE_RATE)


def _begun(word: Word) -> float:
    """When a word has begun for certain. Its end says little before a pause: in an
    alignment it lasts until the next word begins."""
    return word.start + min((word.end - word.start) / 2, _EARLY)
