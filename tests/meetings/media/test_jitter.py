from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meetings.media.jitter import AudioReorderBuffer


def packet(seq: int) -> Any:
    data = str(seq % 65536).encode()
    return SimpleNamespace(
        sequence_number=seq % 65536, timestamp=seq * 960 % 2**32, _data=data
    )


def feed(buffer: AudioReorderBuffer, seqs: list[int]) -> list[int]:
    out = []
    for seq in seqs:
        _, frames = buffer.add(packet(seq))
        out += [int(data) for _, data in frames]
    return out


def test_it_lets_packets_in_order_pass_at_once() -> None:
    buffer = AudioReorderBuffer()
    assert [feed(buffer, [seq]) for seq in (5, 6, 7)] == [[5], [6], [7]]


def test_it_puts_neighbours_right() -> None:
    assert feed(AudioReorderBuffer(), [1, 3, 2, 4]) == [1, 2, 3, 4]


def test_it_waits_for_two_packets_at_a_gap() -> None:
    buffer = AudioReorderBuffer(hold=2)
    assert feed(buffer, [1, 3, 4]) == [1]
    assert feed(buffer, [5]) == [3, 4, 5]
    assert buffer.lost == 1


def test_it_counts_a_burst_and_goes_on() -> None:
    buffer = AudioReorderBuffer()
    assert feed(buffer, [1, *range(50, 53)]) == [1, 50, 51, 52]
    assert buffer.lost == 48


def test_it_drops_duplicates_and_what_comes_too_late() -> None:
    buffer = AudioReorderBuffer()
    assert feed(buffer, [1, 2, 2, 1, 3]) == [1, 2, 3]
    assert buffer.late == 2


def test_it_passes_the_wrap() -> None:
    seqs = list(range(65530, 65540))
    assert feed(AudioReorderBuffer(), seqs) == [seq % 65536 for seq in seqs]


def test_it_follows_a_sender_that_renumbers() -> None:
    buffer = AudioReorderBuffer()
    assert feed(buffer, [30_000, 30_001, 900, 901, 60_000]) == [
        30_000, 30_001, 900, 901, 60_000,
    ]  # fmt: skip
    assert buffer.resets == 2


def test_each_keeps_its_own_timestamp() -> None:
    buffer = AudioReorderBuffer()
    feed(buffer, [1, 3])
    assert buffer.add(packet(2)) == (False, [(1920, b"2"), (2880, b"3")])


@given(
    start=st.integers(0, 65535),
    lost=st.sets(st.integers(1, 299), max_size=40),
    swapped=st.sets(st.integers(1, 297), max_size=40),
    hold=st.integers(1, 5),
)
def test_it_stays_in_order_and_loses_only_the_lost(
    start: int, lost: set[int], swapped: set[int], hold: int
) -> None:
    sent = [n for n in range(300) if n not in lost]
    for place in sorted(swapped)[::2]:
        if place + 1 < len(sent):
            sent[place : place + 2] = sent[place + 1], sent[place]
    flush = list(range(300, 301 + hold))  # in order: they push the last gap out
    buffer = AudioReorderBuffer(hold)

    out = feed(buffer, [start + n for n in sent + flush])

    back = [(seq - start) % 65536 for seq in out]
    assert back == sorted({*sent, *flush})
    assert buffer.late == 0
