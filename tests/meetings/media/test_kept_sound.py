import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.egress.stems import opus_packets
from meetings.media.errors import NotKeptSound
from meetings.media.ingress.kept_sound import read_slice, write_slice
from meetings.media.packets import OPUS_SILENCE
from meetings.media.pcm import load_pcm16k
from tests.fakes import kept_tone, opus_tone, packed

TONE = opus_tone(440, 1.0)


def test_it_reads_packets_with_their_times() -> None:
    kept = read_slice(packed([(70_000 + 20 * n, data) for n, data in enumerate(TONE)]))
    assert (kept.start_ms, kept.end_ms) == (70_000, 71_000)
    assert [data for _, data in kept.packets] == TONE


def test_it_writes_the_packets_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "kept.ogg"
    kept = read_slice(kept_tone(70_000, 1.0))
    assert write_slice(path, kept) == 1000
    assert list(opus_packets(path)) == TONE


def test_a_packet_that_is_lost_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "kept.ogg"
    packets = [(20 * n, data) for n, data in enumerate(TONE) if n not in (10, 11)]
    assert write_slice(path, read_slice(packed(packets))) == 1000
    assert list(opus_packets(path))[10:12] == [OPUS_SILENCE] * 2
    assert len(load_pcm16k(path)) / 16_000 == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        packed([(0, b"")]),
        packed([(0, b"\x00\x01\x02")]),  # 10 ms
        packed([(0, TONE[0])])[:-1],  # broken off
        packed([(0, TONE[0])]) + b"\x00",
        packed([(0, b"\xfb\x41")]),  # says 20 ms, and libopus knows better
        packed([(0, TONE[0] * 20)]),  # longer than any packet
        packed([(40, TONE[0]), (20, TONE[1])]),  # backwards
        packed([(0, TONE[0]), (0, TONE[1])]),  # twice
        packed([(0, TONE[0]), (200, TONE[1])]),  # two stretches
        packed([(n, TONE[n]) for n in range(50)]),  # a second in 50 ms
    ],
)
def test_it_refuses_what_is_no_stretch_of_sound(data: bytes) -> None:
    with pytest.raises(NotKeptSound):
        read_slice(data)


@given(st.binary(max_size=200))
def test_nothing_else_comes_of_garbage(data: bytes) -> None:
    try:
        read_slice(data)
    except NotKeptSound:
        return
    assert struct.unpack(">IH", data[:6])[1] > 0
