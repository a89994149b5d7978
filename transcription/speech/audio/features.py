"""Log-mel features in hops of 10 ms, computed once and shared by every window.

Frame ``k`` looks at samples ``160 k - 200`` to ``160 k + 199``. Frames are kept as raw
log10 power; the clamp and the scale of Whisper depend on the window and come last.
"""

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from transcription.speech.audio.sound import SAMPLE_RATE, Floats, SlidingBuffer

HOP = 160  # samples per frame: 10 ms
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
_FFT = 400  # samples that one frame looks at: 25 ms
_HALF = _FFT // 2
_SILENCE = -10.0  # log10 of the smallest power: digital silence
_RANGE = 8.0  # of log10 power below the loudest bin that Whisper sees
_HANN = np.hanning(_FFT + 1)[:-1].astype(np.float32)

# Encoder lengths in frames. All items of a batch share one, each costs a warm-up. Which
# is the shortest that a model can read is measured when it is loaded (selftest).
BUCKETS = (200, 300, 400, 600, 800, 1000, 1200, 1500, 2000, 2500, 3000)
TAIL = 50  # frames of silence that a window ends with at least: 0.5 s
LONGEST = BUCKETS[-1] - TAIL  # frames of sound in one window


class MelBank:
    """Whisper's mel filters: ``mels`` is 80, or 128 for the large-v3 family."""

    def __init__(self, mels: int) -> None:
        self.mels = mels
        filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, _FFT, n_mels=mels)
        self._filters = np.ascontiguousarray(filters.T, np.float32)

    def frames(self, samples: Floats) -> Floats:
        """Raw log10 mel power [n, mels] of 400 samples and 160 per further frame."""
        views = np.lib.stride_tricks.sliding_window_view(samples, _FFT)[::HOP]
        spectrum = np.fft.rfft(views * _HANN, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        mel: Floats = power @ self._filters
        return np.log10(np.maximum(mel, 1e-10, out=mel), out=mel)


class MelBuffer:
    """The mel frames of one track, computed when a window first asks for them."""

    def __init__(self, sound: SlidingBuffer) -> None:
        self._sound = sound
        self._bank: MelBank | None = None
        self._frames = SlidingBuffer(1)

    def window(
        self, bank: MelBank, start: int, end: int, length: int | None = None
    ) -> tuple[Floats, int]:
        """Whisper's input for the samples ``start:end``, the sound cut off after them.

        ``start`` is a multiple of HOP. Returns features [mels, length], by default the
        shortest length that fits, and the number of frames that hold sound.
        """
        first, count = start // HOP, frames_of(start, end)
        whole = self._hear(bank, first, (end - _HALF) // HOP + 1)
        shape = (length or bucket(count), bank.mels)
        raw = np.full(shape, _SILENCE, np.float32)
        raw[: whole - first] = self._frames[first:whole]
        room = len(raw) - (whole - first)  # a window may be full to the last frame
        edge = self._edge(bank, whole, end)[:room]
        raw[whole - first : whole - first + len(edge)] = edge
        return scaled(raw), count

    def forget(self, before: int) -> None:
        """Drop what lies before a sample position."""
        self._frames.forget(before // HOP)

    def _hear(self, bank: MelBank, first: int, whole: int) -> int:
        """Compute the frames that are missing up to ``whole``; return that."""
        whole = max(whole, first)
        if bank is not self._bank or first < self._frames.start:
            self._restart(bank, first)
        if first > self._frames.end:
            self._restart(bank, first)
        missing = whole - self._frames.end
        if missing > 0:
            self._frames.append(bank.frames(self._sight(self._frames.end, missing)))
        return whole

    def _restart(self, bank: MelBank, first: int) -> None:
        self._bank = bank
        self._frames = SlidingBuffer(bank.mels, start=first)

    def _edge(self, bank: MelBank, frame: int, end: int) -> Floats:
        """The last frames, which look past ``end``: they see silence there."""
        count = -(-(end + _HALF) // HOP) - frame
        return bank.frames(self._sight(frame, max(count, 1), end))

    def _sight(self, frame: int, count: int, end: int | None = None) -> Floats:
        """The samples that ``count`` frames from ``frame`` on look at."""
        start = frame * HOP - _HALF
        stop = start + (count - 1) * HOP + _FFT
        seen = np.zeros(stop - start, np.float32)
        low = max(start, self._sound.start)
        high = min(stop, self._sound.end if end is None else end)
        if high > low:
            seen[low - start : high - start] = self._sound[low:high]
        return seen


def frames_of(start: int, end: int) -> int:
    """How many frames the samples ``start:end`` fill, the last one perhaps in part."""
    return -(-(end - start) // HOP)


def bucket(frames: int, shortest: int = 0) -> int:
    """The smallest encoder length that holds the frames and a tail of silence, and is
    no shorter than a model can read. Raises ValueError for too many frames."""
    if frames > LONGEST:
        raise ValueError(f"a window has at most {LONGEST} frames, this one {frames}")
    return next(size for size in BUCKETS if size >= max(frames + TAIL, shortest))


def scaled(raw: Floats) -> Floats:
    """Raw frames [T, mels] as Whisper's input [mels, T]: clamped and scaled."""
    clamped = np.maximum(raw.T, raw.max() - _RANGE)
    return np.ascontiguousarray((clamped + 4.0) / 4.0, np.float32)
