"""Sound that is broken, odd or endless: right results, or errors that say why."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.words import errors, normalised
from meetings.media.errors import NoAudio, NotMedia
from meetings.media.pcm import read_pcm16k
from transcription.speech.audio.sound import Floats
from transcription.speech.engine.engine import Engine

Samples = NDArray[np.int16]
SAID = "Yes, I can hear you."
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def said(tracks: dict[str, Samples]) -> Samples:
    return tracks["carol"][16_000 * 14 : 16_000 * 17]


def write(file: Path, samples: Samples, rate: int, channels: int = 1) -> Path:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())
    return file


def read(file: Path) -> Samples:
    return np.concatenate([samples for _, samples in read_pcm16k(file)])


def test_it_takes_nan_in_the_midst_of_a_recording(
    engine: Engine, said: Samples
) -> None:
    sound = said.astype(np.float32) / 32768
    sound[::4000] = np.nan
    sound[-8000:] = np.nan
    assert [line.text for line in engine.transcribe(sound)] == [SAID]


def test_it_writes_nothing_for_nan_alone(engine: Engine) -> None:
    assert engine.transcribe(np.full(32_000, np.nan, np.float32)) == []


def test_it_understands_clipped_sound(engine: Engine, said: Samples) -> None:
    loud = np.clip(said.astype(np.int32) * 16, -32768, 32767)
    assert np.mean(np.abs(loud) >= 32767) > 0.02
    (line,) = engine.transcribe(loud.astype(np.int16))
    assert errors(normalised(SAID), normalised(line.text)) <= 1


def test_it_reads_a_telephone_recording(
    engine: Engine, said: Samples, tmp_path: Path
) -> None:
    halved = said.reshape(-1, 2).mean(axis=1).astype(np.int16)
    sound = read(write(tmp_path / "phone.wav", halved, 8000))
    assert abs(len(sound) - len(said)) <= 160
    (line,) = engine.transcribe(sound)
    assert errors(normalised(SAID), normalised(line.text)) <= 1


@pytest.mark.parametrize("silent", [0, 1])
def test_it_reads_a_stereo_file_with_one_silent_side(
    engine: Engine, said: Samples, tmp_path: Path, silent: int
) -> None:
    both = np.stack([said, said], axis=1)
    both[:, silent] = 0
    sound = read(write(tmp_path / "stereo.wav", both, 16_000, channels=2))
    assert abs(len(sound) - len(said)) <= 160
    assert [line.text for line in engine.transcribe(sound)] == [SAID]


def test_it_reads_nothing_from_a_file_without_samples(
    engine: Engine, tmp_path: Path
) -> None:
    empty = write(tmp_path / "empty.wav", np.zeros(0, np.int16), 16_000)
    pieces = (samples for _, samples in read_pcm16k(empty))
    assert engine.transcribe(pieces) == []


def test_it_says_that_an_empty_file_is_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "nothing.wav"
    file.touch()
    with pytest.raises((NoAudio, NotMedia)):
        read(file)


@pytest.mark.parametrize("code", ["xx", "english", "EN-gb"])
def test_it_names_a_language_that_it_does_not_know(engine: Engine, code: str) -> None:
    with pytest.raises(ValueError, match=f"no language '{code.lower()}'"):
        engine.transcribe(np.zeros(16_000, np.int16), language=code)
    with pytest.raises(ValueError, match="no language"):
        engine.transcribe(np.zeros(16_000, np.int16), allowed=["en", code])


class LoudnessVad:
    """Speech is what is loud: a day of real VAD takes minutes."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.float32)

    def hear(self, samples: Floats) -> Floats:
        heard = np.concatenate([self._left, samples])
        whole = len(heard) // 512 * 512
        self._left = heard[whole:]
        peaks: Floats = np.abs(heard[:whole].reshape(-1, 512)).max(axis=1)
        return (peaks > 0.01).astype(np.float32)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_it_writes_down_a_day_in_little_memory(
    engine: Engine, said: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody speaks every four hours; as floats the day is 5.5 GB."""
    monkeypatch.setattr("transcription.speech.engine.voice_track.Vad", LoudnessVad)
    held: list[int] = []
    silence = np.zeros(16_000, np.int16)

    def day() -> Iterator[Samples]:
        for _ in range(6):
            yield said
            held.append(resident())
            for _ in range(4 * 3600 - 3):
                yield silence
        held.append(resident())

    lines = engine.transcribe(day(), "en")
    assert [line.text for line in lines] == [SAID] * 6
    starts = [line.start - lines[0].start for line in lines]
    assert starts == pytest.approx([hour * 3600 for hour in range(0, 24, 4)], abs=0.02)
    assert max(held) - held[0] < 30 * MEGABYTE
