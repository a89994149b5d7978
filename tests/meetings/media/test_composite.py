import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from meetings.media.egress.composite import TrackFile, build, fewer, peaks_of, soften
from meetings.media.packets import OPUS_SILENCE
from meetings.media.pcm import load_pcm16k
from meetings.media.writers import OggOpusWriter
from tests.fakes import opus_tone


def track(
    path: Path, key: str, offset_ms: int, hertz: float, seconds: float, rms: int = 8_000
) -> TrackFile:
    writer = OggOpusWriter(path / f"{key}-{offset_ms}.ogg")
    for data in opus_tone(hertz, seconds, rms):
        writer.write(data)
    writer.close()
    return TrackFile(key, writer.path, offset_ms)


def level(samples: NDArray[np.float32], start: float, end: float) -> float:
    return float(samples[round(start * 16_000) : round(end * 16_000)].std())


def test_it_aligns_everybody_on_the_room_clock(tmp_path: Path) -> None:
    result = build(
        [
            track(tmp_path, "ann", 0, 440, 2),
            track(tmp_path, "bob", 1_000, 880, 2),
            track(tmp_path, "ann", 5_000, 440, 1),
        ],
        tmp_path,
        duration_ms=8_000,
    )
    ann, bob = load_pcm16k(result.stems["ann"]), load_pcm16k(result.stems["bob"])
    mix = load_pcm16k(result.mix)

    for samples in (ann, bob, mix):
        assert len(samples) / 16_000 == pytest.approx(8, abs=0.05)
    assert level(ann, 0.1, 1.9) > 0.2 and level(ann, 5.1, 5.9) > 0.2
    assert level(ann, 2.1, 4.9) < 0.01 and level(ann, 6.1, 7.9) < 0.01
    assert level(bob, 0, 0.95) < 0.01 and level(bob, 1.1, 2.9) > 0.2
    assert level(mix, 1.1, 1.9) > level(mix, 0.1, 0.9)
    assert level(mix, 3.1, 4.9) < 0.01


def test_it_writes_the_mix_for_programs_that_do_not_play_webm(tmp_path: Path) -> None:
    result = build([track(tmp_path, "ann", 1_000, 440, 2)], tmp_path, 4_000)
    assert result.download.read_bytes()[4:12] == b"ftypM4A "
    with av.open(str(result.download)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    heard = load_pcm16k(result.download)
    assert len(heard) / 16_000 == pytest.approx(4, abs=0.05)
    assert level(heard, 1.1, 2.9) > 0.2
    assert level(heard, 0, 0.9) < 0.01 and level(heard, 3.1, 3.9) < 0.01


def test_it_takes_its_length_from_the_last_track(tmp_path: Path) -> None:
    tracks = [track(tmp_path, "ann", 0, 440, 1), track(tmp_path, "bob", 1500, 440, 1)]
    assert build(tracks, tmp_path).duration_ms == 2_500


def test_it_draws_peaks(tmp_path: Path) -> None:
    shares: list[float] = []
    result = build(
        [track(tmp_path, "ann", 1_000, 440, 1)], tmp_path, 3_000, shares.append
    )
    peaks = json.loads(result.peaks.read_text())
    assert (peaks["duration_s"], peaks["per_second"]) == (3.0, 20)
    assert len(peaks["mix"]) == len(peaks["stems"]["ann"]) == 60
    few = json.loads(result.overview.read_text())
    assert few == {"duration_s": 3.0, "mix": peaks["mix"]}
    assert max(peaks["mix"][:19]) < 0.02
    assert min(peaks["mix"][22:38]) == pytest.approx(0.35, abs=0.05)
    assert shares == [1 / 3, 2 / 3, 1.0]


def test_it_never_clips_voices_that_shout_together(tmp_path: Path) -> None:
    loud = [track(tmp_path, key, 0, 440, 2, rms=12_000) for key in "abc"]  # sum: 1.5
    mix = load_pcm16k(build(loud, tmp_path).mix)
    assert 0.8 < np.abs(mix[8_000:24_000]).max() < 0.999


def test_it_leaves_quiet_sound_as_it_is() -> None:
    quiet = np.linspace(-0.7, 0.7, 101, dtype=np.float32)
    assert np.array_equal(soften(quiet), quiet)
    assert np.abs(soften(quiet * 100)).max() <= 0.9501


def test_it_takes_an_unreadable_track_for_silence(tmp_path: Path) -> None:
    torn = tmp_path / "torn.ogg"
    torn.write_bytes(b"OggS nothing more")
    result = build(
        [TrackFile("ann", torn, 0), track(tmp_path, "bob", 0, 440, 1)], tmp_path
    )
    assert np.abs(load_pcm16k(result.stems["ann"])).max() < 0.01


def test_it_leaves_no_half_file_behind(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([track(tmp_path, "ann", 0, 440, 2)], tmp_path, on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["ann-0.ogg"]


def test_it_keeps_the_loudest_where_figures_are_few() -> None:
    assert fewer([0.1] * 99 + [0.9], 4) == [0.1, 0.1, 0.1, 0.9]
    assert fewer([0.1, 0.2], 4) == [0.1, 0.2]


def test_it_rounds_peaks_to_two_decimals() -> None:
    assert peaks_of(np.full(4_800, -0.12345, np.float32)) == [0.12, 0.12]


def test_what_was_handed_in_is_heard_where_silence_stood(tmp_path: Path) -> None:
    """And nowhere else: 2 s of silence in a file, and 1 s between two files."""
    tone = opus_tone(440, 1)
    writer = OggOpusWriter(tmp_path / "before.ogg")
    for data in [*tone, *[OPUS_SILENCE] * 100]:
        writer.write(data)
    writer.close()
    after = track(tmp_path, "ann", 4_000, 440, 1)
    late = replace(track(tmp_path, "late", 500, 880, 4), key="ann", handed_in=True)
    files = [TrackFile("ann", writer.path, 0), after, late]
    heard = load_pcm16k(build(files, tmp_path, 6_000).stems["ann"])
    assert level(heard, 0.1, 4.95) > 0.2
    assert level(heard, 5.05, 6) < 0.01
    assert [pitch(heard, n + 0.1) for n in range(5)] == [440, 880, 880, 880, 440]


@pytest.mark.parametrize("aside", [0, 1, 9, 10, 11, 19])
def test_what_was_handed_in_is_heard_at_its_time(tmp_path: Path, aside: int) -> None:
    """Also where the 20 ms of the files do not lie on each other."""
    first = track(tmp_path, "ann", 0, 440, 1)
    begin = 2_000 + aside
    late = replace(track(tmp_path, "late", begin, 880, 1), key="ann", handed_in=True)
    heard = load_pcm16k(build([first, late], tmp_path, 4_000).stems["ann"])
    begins = np.flatnonzero(np.abs(heard[16_000 * 3 // 2 :]) > 0.1)[0] / 16_000 + 1.5
    assert begins == pytest.approx(begin / 1000, abs=0.012)
    assert level(heard, begins + 0.02, begins + 0.95) > 0.2


def pitch(samples: NDArray[np.float32], start: float) -> int:
    """The loudest of two tones in half a second."""
    part = samples[round(start * 16_000) : round((start + 0.5) * 16_000)]
    strength = {hertz: abs(np.fft.rfft(part)[hertz // 2]) for hertz in (440, 880)}
    return max(strength, key=lambda hertz: float(strength[hertz]))
