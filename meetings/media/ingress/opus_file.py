import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av

from meetings.media.errors import NoRoom
from meetings.media.packets import OPUS_RATE

BIT_RATE = 40_000  # bit/s per mono track: what a browser's microphone sends
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OpusFile:
    """An Ogg Opus file that samples are encoded into; under its name once it is whole.

    Every call raises NoRoom when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples = 0
        self._part = path.with_name(path.name + ".part")
        self._file = self._part.open("wb")
        self._container: Any = av.open(self._file, "w", format="ogg")
        self._stream: Any = self._container.add_stream(
            "libopus", rate=OPUS_RATE, layout="mono"
        )
        self._stream.bit_rate = BIT_RATE

    @property
    def duration_ms(self) -> int:
        return self.samples * 1000 // OPUS_RATE

    def write(self, samples: Any) -> None:
        """Append int16 samples at 48 kHz."""
        frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
        frame.sample_rate = OPUS_RATE
        with _disk():
            self._container.mux(self._stream.encode(frame))
        self.samples += len(samples)

    def close(self) -> None:
        """All of it is on the disk afterwards."""
        with _disk():
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._part, self.path)

    def discard(self) -> None:
        """Leave nothing."""
        with suppress(av.FFmpegError, OSError):
            self._container.close()
        with suppress(OSError):
            self._file.close()
        for path in (self._part, self.path):
            path.unlink(missing_ok=True)


@contextmanager
def _disk() -> Iterator[None]:
    """A refusal of the disk must not be taken for a fault of the file that is read."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        if getattr(error, "errno", None) in FULL:
            raise NoRoom() from error
        raise RuntimeError(f"writing failed: {error}") from error
