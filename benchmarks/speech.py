"""Speech with known word times, spoken by espeak-ng: the ground truth of captions.

``speak("Can you hear me?", "gmw/en-US+f3")`` returns the sound and when every word
was said. Needs Debian's espeak-ng (``libespeak-ng.so.1``).
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
Sound = NDArray[np.float32]

# names and values of speak_lib.h
_SYNCHRONOUS = 2
_EVENT_END, _EVENT_WORD = 0, 1
_UTF8 = 1
_RATE, _PITCH = 1, 3
_BUFFER = 500  # ms
_AUDIBLE = 0.01  # full scale is 1


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_short),
    ctypes.c_int,
    ctypes.POINTER(_Event),
)


@dataclass(frozen=True)
class Word:
    text: str
    start: float  # seconds
    end: float  # seconds


class _Synthesiser:
    """The library, and what it said of the text that is being spoken."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
        self.library = ctypes.CDLL(name)
        self.rate: int = self.library.espeak_Initialize(_SYNCHRONOUS, _BUFFER, None, 0)
        self.callback = _Callback(self._hear)  # kept: the library holds a bare pointer
        self.library.espeak_SetSynthCallback(self.callback)
        self.sounds: list[NDArray[np.int16]] = []
        self.words: list[tuple[int, float]] = []  # character, seconds

    def _hear(self, wav: Any, count: int, events: Any) -> int:
        if wav and count > 0:
            self.sounds.append(np.ctypeslib.as_array(wav, (count,)).copy())
        for event in _until_end(events):
            if event.type == _EVENT_WORD and event.length:
                at = event.audio_position / 1000
                self.words.append((event.text_position - 1, at))
        return 0

    def say(self, text: str, voice: str, rate: int, pitch: int) -> Sound:
        self.sounds, self.words = [], []
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        self.library.espeak_SetParameter(_RATE, rate, 0)
        self.library.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode()
        arguments = (data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        if self.library.espeak_Synth(*arguments) != 0:
            raise RuntimeError(f"espeak-ng could not speak {text!r}")
        return (np.concatenate(self.sounds) / 32768).astype(np.float32)


def _until_end(events: Any) -> Iterator[_Event]:
    i = 0
    while events[i].type != _EVENT_END:
        yield events[i]
        i += 1


@cache
def _synthesiser() -> _Synthesiser:
    return _Synthesiser()  # the library keeps one state for the whole process


def speak(
    text: str,
    voice: str = "gmw/en-US",
    words_per_minute: int = 160,
    pitch: int = 50,
) -> tuple[Sound, list[Word]]:
    """The text as 16 kHz mono float32, full scale 1, and when each word was said.

    Raises ``ValueError`` for a voice espeak-ng does not have (``espeak-ng --voices``).
    """
    synthesiser = _synthesiser()
    sound = synthesiser.say(text, voice, words_per_minute, pitch)
    rate = synthesiser.rate
    stretches = _stretches(text, synthesiser.words)
    return resample(sound, rate), _times(sound, rate, stretches)


def _stretches(
    text: str, events: list[tuple[int, float]]
) -> list[tuple[float, list[str]]]:
    """Words by the moment that the library gave: "I am" has one, "HubSpot" two."""
    stretches: list[tuple[float, list[str]]] = []
    offset = 0
    for token in text.split():
        offset = text.index(token, offset)
        end = offset + len(token)
        begun = [at for position, at in events if offset <= position < end]
        if begun or not stretches:
            stretches.append((min(begun, default=0.0), [token]))
        else:
            stretches[-1][1].append(token)
        offset = end
    return stretches


def _times(
    sound: Sound, rate: int, stretches: list[tuple[float, list[str]]]
) -> list[Word]:
    words: list[Word] = []
    limits = [start for start, _ in stretches[1:]] + [len(sound) / rate]
    for (start, spoken), limit in zip(stretches, limits, strict=True):
        stretch = sound[int(start * rate) : int(limit * rate)]
        heard = np.flatnonzero(np.abs(stretch) > _AUDIBLE)
        # a pause after the word is not part of it
        end = start + float(heard[-1]) / rate if len(heard) else limit
        words += _shared(spoken, start, end)
    return words


def _shared(spoken: list[str], start: float, end: float) -> list[Word]:
    """The words of one stretch, its time shared by their letters."""
    step, at, words = (end - start) / sum(map(len, spoken)), start, []
    for word in spoken:
        words.append(Word(word.strip(".,?!"), at, at + step * len(word)))
        at += step * len(word)
    return words


def resample(sound: Sound, rate: int, to: int = SAMPLE_RATE) -> Sound:
    """The same sound at another rate, by cutting or filling up its spectrum."""
    padded = np.pad(sound, (0, -len(sound) % (rate // gcd(rate, to))))
    size = len(padded) * to // rate
    spectrum = np.fft.rfft(padded)[: size // 2 + 1]
    resampled = np.fft.irfft(spectrum, size) * (size / len(padded))
    return resampled[: -(-len(sound) * to // rate)].astype(np.float32)
