import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.packets import (
    OPUS_SILENCE,
    PAYLOAD,
    is_vp8_keyframe,
    opus_samples,
    vp8_payloads,
)
from tests.fakes import opus_tone, vp8_pictures


@pytest.mark.parametrize(
    ("data", "samples"),
    [
        (OPUS_SILENCE, 960),
        (bytes([0 << 3]), 480),  # SILK narrow band, 10 ms
        (bytes([3 << 3]), 2880),  # 60 ms
        (bytes([12 << 3]), 480),  # hybrid, 10 ms
        (bytes([13 << 3 | 1]), 1920),  # two frames of 20 ms
        (bytes([16 << 3]), 120),  # CELT, 2.5 ms
        (bytes([31 << 3 | 3, 3]), 2880),  # three frames of 20 ms
        (b"", 0),
        (bytes([31 << 3 | 3]), 0),  # its frame count is missing
        (bytes([31 << 3 | 3, 63]), 0),  # 1.26 s: no packet is that long
    ],
)
def test_it_reads_the_length_of_an_opus_packet(data: bytes, samples: int) -> None:
    assert opus_samples(data) == samples


def test_it_agrees_with_the_encoder() -> None:
    assert sum(map(opus_samples, opus_tone(440, 1.0))) == 48_000


@given(st.binary(max_size=40))
def test_it_never_claims_more_than_120_ms(data: bytes) -> None:
    assert 0 <= opus_samples(data) <= 5760


def test_it_tells_key_frames() -> None:
    first, *others = vp8_pictures(5)
    assert is_vp8_keyframe(first)
    assert not any(map(is_vp8_keyframe, others))
    assert not is_vp8_keyframe(b"")


@given(length=st.integers(1, 5 * PAYLOAD), picture=st.integers(0, 2**17))
def test_pictures_are_cut_as_their_receivers_read_them(
    length: int, picture: int
) -> None:
    data = bytes(n % 251 for n in range(length))
    payloads = vp8_payloads(data, picture)
    read = [VpxPayloadDescriptor.parse(payload) for payload in payloads]
    assert b"".join(rest for _, rest in read) == data
    assert max(map(len, payloads)) <= PAYLOAD
    assert {head.picture_id for head, _ in read} == {picture % 2**15}
    assert [head.partition_start for head, _ in read] == [1] + [0] * (len(read) - 1)
