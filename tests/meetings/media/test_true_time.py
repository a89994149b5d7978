"""Files whose sound begins late, has holes or changes: words at their times.

The right times are those of tests/data/imports/expected.json.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings.media.ingress.files import decode_to_tracks
from meetings.media.pcm import load_pcm16k
from tests.imported_files import (
    IMPORTS,
    anna,
    first_word,
    speech_begins,
    tone,
    wav,
)


@pytest.mark.parametrize(
    ("name", "offset_ms", "end_ms"),
    [
        ("anna.ogg", 0, 14_400),
        ("chained.ogg", 0, 14_400),
        ("delay.mkv", 4_894, 19_300),
        ("gaps.webm", 0, 20_200),
        ("late.mka", 7_000, 20_200),
        ("phone_dtx.amr", 0, 14_400),
        ("rate.mp3", 0, 14_470),
    ],
)
def test_it_keeps_the_clock(
    tmp_path: Path, name: str, offset_ms: int, end_ms: int
) -> None:
    imported = decode_to_tracks(IMPORTS / name, [tmp_path / "out.ogg"])
    assert imported.offset_ms == pytest.approx(offset_ms, abs=20)
    assert imported.offset_ms + imported.duration_ms == pytest.approx(end_ms, abs=40)
    begins = imported.offset_ms / 1000 + speech_begins(tmp_path / "out.ogg")
    assert begins == pytest.approx(first_word(name), abs=0.15)


@pytest.mark.parametrize("name", ["delay.mkv", "gaps.webm", "late.mka"])
def test_samples_that_are_read_at_once_keep_it_as_well(name: str) -> None:
    assert speech_begins(IMPORTS / name) == pytest.approx(first_word(name), abs=0.15)


def test_it_tells_where_there_was_no_sound(tmp_path: Path) -> None:
    imported = decode_to_tracks(IMPORTS / "gaps.webm", [tmp_path / "out.ogg"])
    assert np.array(imported.gaps) == pytest.approx(
        np.array([(500, 6_994), (10_594, 15_994)]), abs=20
    )
    silent = load_pcm16k(tmp_path / "out.ogg")[11 * 16_000 : 15 * 16_000]
    assert np.abs(silent).max() < 0.001


def test_silence_at_the_end_counts(tmp_path: Path) -> None:
    """The last half second of the call carries no speech frames."""
    imported = decode_to_tracks(IMPORTS / "phone_dtx.amr", [tmp_path / "out.ogg"])
    assert imported.gaps[-1] == pytest.approx((13_900, 14_400), abs=20)


def test_a_whole_file_has_no_gaps(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", seconds=3)
    assert decode_to_tracks(source, [tmp_path / "out.ogg"]).gaps == []


def test_lost_packets_are_silence(tmp_path: Path) -> None:
    """Two seconds of packets are taken out, as a bad disk would."""
    whole = (IMPORTS / "anna.ogg").read_bytes()
    pages = whole.split(b"OggS")
    damaged = tmp_path / "damaged.ogg"
    damaged.write_bytes(b"OggS".join([*pages[:5], *pages[7:]]))
    imported = decode_to_tracks(damaged, [tmp_path / "out.ogg"])
    assert imported.gaps
    assert imported.duration_ms == pytest.approx(14_400, abs=60)


@pytest.mark.parametrize("hours", [2, 0], ids=["far ahead", "far back"])
@pytest.mark.parametrize("form", ["ogg", "mpegts"])
def test_one_damaged_time_stamp_is_no_silence(
    tmp_path: Path, form: str, hours: int
) -> None:
    """A page or packet in mid-file says another hour, and those behind it do not."""
    damaged = tmp_path / f"damaged.{form}"
    damaged.write_bytes(DAMAGE[form](tmp_path, hours * 3600))
    imported = decode_to_tracks(damaged, [tmp_path / "out.ogg"])
    assert imported.gaps == []
    assert imported.duration_ms == pytest.approx(14_400, abs=100)
    assert not imported.truncated


def test_a_damaged_last_page_claims_no_hours(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.ogg"
    damaged.write_bytes(restamped_page(7_200, -1))
    imported = decode_to_tracks(damaged, [tmp_path / "out.ogg"])
    assert not imported.truncated
    assert imported.duration_ms == pytest.approx(14_400, abs=60)


def restamped_page(seconds: int, number: int = 6) -> bytes:
    """anna.ogg; one page of it ends at so many seconds, it says."""
    whole = (IMPORTS / "anna.ogg").read_bytes()
    pages = [b"OggS" + page for page in whole.split(b"OggS")[1:]]
    page = bytearray(pages[number])
    page[6:14] = struct.pack("<q", seconds * 48_000)
    page[22:26] = bytes(4)
    page[22:26] = struct.pack("<I", ogg_sum(page))
    pages[number] = bytes(page)
    return b"".join(pages)


def ogg_sum(page: bytearray) -> int:
    """The check sum of RFC 3533."""
    rest = 0
    for byte in page:
        rest ^= byte << 24
        for _ in range(8):
            rest = rest << 1 ^ (0x104C11DB7 if rest & 0x80000000 else 0)
    return rest


def restamped_packet(folder: Path, seconds: int) -> bytes:
    """The same as MPEG-TS; one packet in its middle begins elsewhere, it says."""
    with av.open(str(folder / "a.ts"), "w") as container:
        stream: Any = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(anna()[None, :], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    content = bytearray((folder / "a.ts").read_bytes())
    at = content.index(b"\0\0\1\xc0", len(content) // 2) + 9
    stamp = seconds * 90_000
    content[at : at + 5] = bytes(
        [
            0x21 | stamp >> 29 & 14,
            stamp >> 22 & 255,
            stamp >> 14 & 254 | 1,
            stamp >> 7 & 255,
            stamp << 1 & 254 | 1,
        ]
    )
    return bytes(content)


DAMAGE: dict[str, Callable[[Path, int], bytes]] = {
    "ogg": lambda folder, seconds: restamped_page(seconds),
    "mpegts": restamped_packet,
}


def test_it_goes_on_where_rate_and_channels_change(tmp_path: Path) -> None:
    """Parts of two recorders, joined: 44.1 kHz stereo, 22.05 kHz mono, and back."""
    joined = tmp_path / "joined.mp3"
    parts = [(44_100, "stereo"), (22_050, "mono"), (44_100, "stereo")]
    made = [encode(tmp_path / f"{n}.mp3", *part) for n, part in enumerate(parts)]
    joined.write_bytes(b"".join(path.read_bytes() for path in made))
    imported = decode_to_tracks(joined, [tmp_path / "out.ogg"])
    assert imported.duration_ms == pytest.approx(6_000, abs=250)
    sound = load_pcm16k(tmp_path / "out.ogg")
    assert [hertz(sound[n * 32_000 :]) for n in range(3)] == pytest.approx(
        [440, 440, 440], abs=3
    )


def test_an_inverted_side_is_heard(tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", tone(2), -tone(2))
    decode_to_tracks(source, [tmp_path / "out.ogg"])
    assert np.abs(load_pcm16k(tmp_path / "out.ogg")[4_000:]).max() > 0.3


def encode(path: Path, rate: int, layout: str) -> Path:
    """Two seconds of 440 Hz."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mp3", rate=rate, layout=layout)
        sides = [tone(2, rate=rate)] * stream.channels
        frame = av.AudioFrame.from_ndarray(np.stack(sides), "s16p", layout)
        frame.sample_rate = rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def hertz(samples: Any) -> float:
    """Of the second half of a second, up to a second and a half."""
    return float(np.argmax(np.abs(np.fft.rfft(samples[8_000:24_000]))))
