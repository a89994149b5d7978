"""Files from outside: probing and importing them."""

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings.media.errors import NoAudio, NotMedia, TooSlow
from meetings.media.ingress.files import decode_to_tracks
from meetings.media.pcm import load_pcm16k, read_pcm16k
from meetings.media.probe import probe


def tone(hertz: float, seconds: float, rate: int = 44_100) -> Any:
    t = np.arange(round(seconds * rate)) / rate
    return (12_000 * np.sin(2 * np.pi * hertz * t)).astype("<i2")


def wav(path: Path, *sides: Any) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sides))
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.stack(sides, axis=1).tobytes())
    return path


def encode(path: Path, codec: str, samples: Any) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
        frame.sample_rate = 44_100
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def video_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libvpx", rate=20)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame(64, 48, "yuv420p")
        frame.pts, frame.time_base = 0, Fraction(1, 20)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def hertz_of(samples: Any) -> float:
    middle = samples[8_000:24_000]
    return float(np.argmax(np.abs(np.fft.rfft(middle))))


def test_it_says_what_a_file_is(tmp_path: Path) -> None:
    info = probe(wav(tmp_path / "a.wav", tone(440, 2), tone(440, 2)))
    assert info.duration_s == pytest.approx(2.0)
    assert not info.truncated
    assert (info.audio.codec, info.audio.channels) == ("pcm_s16le", 2)
    assert info.audio.sample_rate == 44_100


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ" + bytes(5_000)],
    ids=["empty", "program"],
)
def test_it_refuses_what_is_not_media(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(NotMedia):
        probe(path)


def test_it_reads_no_other_file(tmp_path: Path) -> None:
    wav(tmp_path / "secret.wav", tone(440, 1))
    listing = tmp_path / "call.txt"
    listing.write_text("ffconcat version 1.0\nfile secret.wav\n")
    with pytest.raises(NotMedia):
        probe(listing)


def test_it_refuses_a_picture_without_sound(tmp_path: Path) -> None:
    path = video_only(tmp_path / "a.webm")
    with pytest.raises(NoAudio):
        probe(path)
    with pytest.raises(NoAudio):
        decode_to_tracks(path, [tmp_path / "out.ogg"])


def test_a_machine_without_time_says_nothing_about_a_file(tmp_path: Path) -> None:
    with pytest.raises(TooSlow):
        probe(wav(tmp_path / "a.wav", tone(440, 1)), timeout=0.01)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.m4a", "aac"), ("a.mp3", "mp3"), ("a.flac", "flac")]
)
def test_it_imports_what_people_have(tmp_path: Path, name: str, codec: str) -> None:
    source = encode(tmp_path / name, codec, tone(440, 3))
    assert probe(source).audio.codec.startswith(codec)
    shares: list[float] = []

    imported = decode_to_tracks(source, [tmp_path / "out.ogg"], False, shares.append)

    assert imported.duration_ms == pytest.approx(3_000, abs=60)
    assert not imported.truncated
    assert hertz_of(load_pcm16k(tmp_path / "out.ogg")) == pytest.approx(440, abs=2)
    assert shares == sorted(shares) and shares[-1] > 0.9


def test_it_splits_two_sides(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", tone(440, 2), tone(880, 2))
    left, right = tmp_path / "left.ogg", tmp_path / "right.ogg"
    decode_to_tracks(source, [left, right], split_stereo=True)
    assert hertz_of(load_pcm16k(left)) == pytest.approx(440, abs=2)
    assert hertz_of(load_pcm16k(right)) == pytest.approx(880, abs=2)


def test_it_mixes_two_sides_into_one(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", tone(440, 2), tone(880, 2))
    decode_to_tracks(source, [tmp_path / "out.ogg"])
    spectrum = np.abs(np.fft.rfft(load_pcm16k(tmp_path / "out.ogg")[8_000:24_000]))
    assert {int(peak) for peak in np.argsort(spectrum)[-2:]} == {440, 880}


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.mkv", "aac")]
)
def test_it_keeps_what_a_truncated_file_has(
    tmp_path: Path, name: str, codec: str
) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(-9_000, 9_000, 44_100 * 10, dtype=np.int16)
    source = encode(tmp_path / name, codec, noise)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert probe(source).truncated
    imported = decode_to_tracks(source, [tmp_path / "out.ogg"])
    assert imported.truncated and imported.detail
    assert imported.duration_ms == pytest.approx(5_000, abs=300)


def test_it_reads_a_file_second_by_second(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", tone(440, 2.5))
    blocks = list(read_pcm16k(source))
    assert blocks[0][0] == 0
    assert [t for t, _ in blocks] == sorted(t for t, _ in blocks)
    assert sum(len(samples) for _, samples in blocks) == pytest.approx(40_000, abs=20)
    assert all(samples.dtype == np.int16 for _, samples in blocks)
