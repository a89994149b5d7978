from typing import Any

WRAP = 1 << 16  # RTP sequence numbers are 16 bits wide (RFC 3550, 5.1)
MAX_LATE = 100  # packets behind: a duplicate or too late, as in aiortc's own buffer
MAX_AHEAD = 500  # packets ahead (10 s of sound): the sender renumbered


class AudioReorderBuffer:
    """Puts RTP packets in order at the least delay.

    Packets in order leave at once. At a gap at most `hold` packets of 20 ms wait, then
    the gap is skipped and counted in `lost`.
    """

    def __init__(self, hold: int = 2) -> None:
        self.hold = hold
        self.lost = 0
        self.late = 0
        self.resets = 0
        self._next: int | None = None
        self._held: dict[int, Any] = {}

    def add(self, packet: Any) -> tuple[bool, list[tuple[int, bytes]]]:
        """Take one RtpPacket; returns (send a PLI?, frames that are due with their RTP
        timestamps)."""
        seq: int = packet.sequence_number
        if self._next is None:
            self._next = seq
        ahead = (seq - self._next) % WRAP
        if WRAP - ahead <= MAX_LATE:
            self.late += 1
            return False, []
        if ahead > MAX_AHEAD:
            self._reset(seq)
        self._held[seq] = packet
        if len(self._held) > self.hold:
            self._skip_gap()
        return False, self._release()

    def _reset(self, seq: int) -> None:
        self.resets += 1
        self._held.clear()
        self._next = seq

    def _skip_gap(self) -> None:
        assert self._next is not None
        while self._next not in self._held:
            self.lost += 1
            self._next = (self._next + 1) % WRAP

    def _release(self) -> list[tuple[int, bytes]]:
        assert self._next is not None
        items = []
        while (packet := self._held.pop(self._next, None)) is not None:
            items.append((packet.timestamp, packet._data))
            self._next = (self._next + 1) % WRAP
        return items
