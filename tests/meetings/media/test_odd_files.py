"""Files that are odd, and good: telephone formats, several tracks, strange headers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings.media.errors import NoRoom, NotMedia, TooLong, Undecodable
from meetings.media.ingress import files
from meetings.media.ingress.files import decode, decode_to_tracks
from meetings.media.pcm import load_pcm16k
from meetings.media.probe import probe
from tests.imported_files import (
    IMPORTS,
    au,
    first_word,
    piped,
    speech_begins,
    tone,
    wav,
    wav49,
)


def raw(path: Path, codec: str, rate: int = 8_000) -> Path:
    """Three seconds of a tone, encoded, without any header."""
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(tone(3, rate=rate)[None, :], "s16", "mono")
    frame.sample_rate = rate
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    path.write_bytes(b"".join(bytes(packet) for packet in packets))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.ulaw", "pcm_mulaw", 8_000),
        ("a.alaw", "pcm_alaw", 8_000),
        ("a.sln", "pcm_s16le", 8_000),
        ("a.sln48", "pcm_s16le", 48_000),
        ("a.g726-32", "g726le", 8_000),
        ("a.g722", "g722", 16_000),
    ],
)
def test_what_has_no_header_is_read_by_its_name(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    kept = raw(tmp_path / name, codec, rate).rename(tmp_path / "source-1")
    (sound,) = probe(kept, name=name).sounds
    assert sound.sample_rate == rate
    out = tmp_path / "out.ogg"
    imported = decode(kept, {0: [out]}, name)[0]
    assert imported.duration_ms == pytest.approx(3_000, abs=30)
    assert not imported.truncated
    assert np.argmax(np.abs(np.fft.rfft(load_pcm16k(out)[16_000:32_000]))) == 440


def test_gsm_is_read(tmp_path: Path) -> None:
    decode_to_tracks(IMPORTS / "raw.gsm", [tmp_path / "out.ogg"])
    assert speech_begins(tmp_path / "out.ogg") == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize(("name", "make"), [("a.wav49", wav49), ("a.au", au)])
def test_what_telephone_systems_put_into_a_header_is_read(
    tmp_path: Path, name: str, make: Callable[[Path], Path]
) -> None:
    source = make(tmp_path / name)
    imported = decode_to_tracks(source, [tmp_path / "out.ogg"])
    assert imported.duration_ms == pytest.approx(14_400, abs=40)
    assert not imported.truncated and not probe(source).truncated
    assert speech_begins(tmp_path / "out.ogg") == pytest.approx(1.5, abs=0.15)


def test_a_film_written_to_a_pipe_has_not_ended_early(tmp_path: Path) -> None:
    """Whose header has room for 32 bits of frames, and counts none."""
    piped = tmp_path / "a.avi"
    with piped.open("wb") as file, av.open(Pipe(file), "w", format="avi") as container:
        stream: Any = container.add_stream("mp3", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(5)[None, :], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert not probe(piped).truncated
    assert not decode_to_tracks(piped, [tmp_path / "out.ogg"]).truncated


class Pipe:
    """A file that cannot be sought in."""

    def __init__(self, file: Any) -> None:
        self.write = file.write


def test_a_header_counts_more_than_a_name(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.ulaw", seconds=2)
    assert probe(source).audio.codec == "pcm_s16le"


def test_a_track_without_a_decoder_is_passed_by(tmp_path: Path) -> None:
    info = probe(IMPORTS / "apac_first.mp4")
    assert [bool(sound.problem) for sound in info.sounds] == [True, False]
    assert info.audio.index == 2
    decode_to_tracks(IMPORTS / "apac_first.mp4", [tmp_path / "out.ogg"])
    assert speech_begins(tmp_path / "out.ogg") == pytest.approx(1.5, abs=0.15)


def test_tracks_are_read_side_by_side(tmp_path: Path) -> None:
    anna, ben = tmp_path / "anna.ogg", tmp_path / "ben.ogg"
    made = decode(IMPORTS / "twotracks.mp4", {0: [anna], 1: [ben]})
    assert not made[0].silent and not made[1].silent
    assert speech_begins(anna) == pytest.approx(first_word("anna.ogg"), abs=0.15)
    assert speech_begins(ben) == pytest.approx(first_word("gaps.webm"), abs=0.15)


def test_a_silent_track_is_known(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", np.zeros(16_000, "<i2"))
    assert decode_to_tracks(source, [tmp_path / "out.ogg"]).silent


def test_sound_that_nobody_understands_is_refused_with_its_reason(
    tmp_path: Path,
) -> None:
    """20 kB that would become 5.6 hours."""
    slow = wav(tmp_path / "slow.wav", tone(1, rate=10_000), rate=1)
    with pytest.raises(Undecodable, match="1 samples a second"):
        probe(slow)
    with pytest.raises(Undecodable):
        decode_to_tracks(slow, [tmp_path / "out.ogg"])


def test_what_is_longer_than_any_call_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.media.sound.LONGEST", 2)
    with pytest.raises(TooLong):
        decode_to_tracks(wav(tmp_path / "a.wav", seconds=3), [tmp_path / "out.ogg"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "out.ogg.part").symlink_to("/dev/full")
    with pytest.raises(NoRoom):
        decode_to_tracks(wav(tmp_path / "a.wav", seconds=60), [tmp_path / "out.ogg"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_header_written_to_a_pipe_claims_nothing(tmp_path: Path, size: int) -> None:
    source = piped(tmp_path / "a.wav", size)
    assert not probe(source).truncated
    imported = decode_to_tracks(source, [tmp_path / "out.ogg"])
    assert not imported.truncated
    assert imported.duration_ms == pytest.approx(14_400, abs=30)


def compressed(path: Path, codec: str, options: dict[str, str]) -> Path:
    """Speechlike: ten seconds of noise that comes and goes, so that frames differ."""
    rng = np.random.default_rng(1)
    at = np.arange(160_000) / 16_000
    sound = (rng.normal(0, 4_000, 160_000) * (np.sin(at) > 0.8)).astype("<i2")
    with av.open(str(path), "w", options=options) as container:
        stream: Any = container.add_stream(codec, rate=16_000, layout="mono")
        stream.codec_context.options = {"q": "4"}
        frame = av.AudioFrame.from_ndarray(sound[None, :], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", "mp3"), ("a.aac", "aac"), ("a.flac", "flac")]
)
def test_a_whole_file_has_not_ended_early(
    tmp_path: Path, name: str, codec: str
) -> None:
    """Whose length is a guess from the rate of its first frames, too."""
    options = {"write_xing": "0"} if codec == "mp3" else {}
    source = compressed(tmp_path / name, codec, options)
    assert not decode_to_tracks(source, [tmp_path / "out.ogg"]).truncated
    assert not probe(source).truncated


def test_an_mp3_that_counts_its_frames_has_ended_early(tmp_path: Path) -> None:
    source = compressed(tmp_path / "a.mp3", "mp3", {})
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert probe(source).truncated
    assert decode_to_tracks(source, [tmp_path / "out.ogg"]).truncated


def test_sound_that_ends_before_the_picture_has_not_ended_early(
    tmp_path: Path,
) -> None:
    """A screen is recorded for a while after the microphone was pulled out."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        sound: Any = container.add_stream("aac", rate=16_000, layout="mono")
        picture: Any = container.add_stream("mpeg4", rate=5)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        frame = av.AudioFrame.from_ndarray(tone(3)[None, :], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*sound.encode(frame), *sound.encode(None)])
        for number in range(60):
            image = av.VideoFrame(64, 48, "yuv420p")
            image.pts = number
            container.mux(picture.encode(image))
        container.mux(picture.encode(None))
    assert not probe(path).truncated
    assert not decode_to_tracks(path, [tmp_path / "out.ogg"]).truncated


@pytest.mark.parametrize(
    ("name", "made"),
    [("dated.m4a", "2024-03-05T14:30:00+00:00"), ("anna.ogg", None)],
)
def test_it_knows_when_a_file_was_made(name: str, made: str | None) -> None:
    assert probe(IMPORTS / name).made == made


def test_a_file_that_is_no_sound_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello\n" * 1_000)
    with pytest.raises(NotMedia):
        files.decode(tmp_path / "a.txt", {0: [tmp_path / "out.ogg"]})
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
