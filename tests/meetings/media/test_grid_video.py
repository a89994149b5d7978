"""A call becomes one film that every player plays, however often its maker dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from meetings.media.egress import canvas, grid_apart
from meetings.media.egress.composite import TrackFile, build
from meetings.media.egress.grid import HEIGHT, WIDTH, Face, PictureFile
from meetings.media.egress.grid_apart import make_apart
from meetings.media.egress.grid_video import PART_MS, GridOrder, make
from meetings.media.errors import MediaError, NoRoom
from meetings.media.writers import OggOpusWriter, PictureWriter
from tests.fakes import opus_tone, vp8_of

BLACK, WHITE = 16, 235


def on(share: float) -> None:
    """Nothing keeps the work back."""


def camera(path: Path, greys: Sequence[int]) -> Path:
    """Pictures of these greys, 20 a second."""
    pictures = vp8_of(greys)
    writer = PictureWriter(path, "vp8", pictures[0])
    for n, data in enumerate(pictures):
        writer.write(data, n * 50, n == 0)
    writer.close()
    return path


def an_order(folder: Path, duration_ms: int, *pictures: PictureFile) -> GridOrder:
    """Ann, who sounds from 2 s on."""
    voice = OggOpusWriter(folder / "ann.ogg")
    for packet in opus_tone(440, 1.0):
        voice.write(packet)
    voice.close()
    built = build([TrackFile("1", voice.path, 2_000)], folder, duration_ms)
    out = folder / "film-1"
    out.mkdir()
    ann = Face("1", "Ann Ashton", "AA", 0, 0, duration_ms)
    return GridOrder([ann], pictures, duration_ms, built.download, out)


@pytest.fixture
def order(tmp_path: Path) -> GridOrder:
    """Six seconds, in which Ann's camera turns from black to white at 2 s."""
    path = camera(tmp_path / "a.webm", [BLACK] * 20 + [WHITE] * 40)
    return an_order(tmp_path, 6_000, PictureFile("1", False, path, 1_000, 4_000))


@pytest.fixture
def long_order(tmp_path: Path) -> GridOrder:
    """Three parts, with pictures in the first alone."""
    path = camera(tmp_path / "a.webm", [BLACK, WHITE] * 10)
    file = PictureFile("1", False, path, 1_000, 2_000)
    return an_order(tmp_path, 2 * PART_MS + 3_000, file)


def pictures_of(film: Path) -> list[tuple[float, Any]]:
    """(seconds, luma) of every picture."""
    with av.open(str(film)) as container:
        return [
            (float(frame.time or 0), frame.to_ndarray()[:HEIGHT])
            for frame in container.decode(video=0)
        ]


def test_it_is_a_film_that_every_player_plays(order: GridOrder) -> None:
    make(order, on)
    with av.open(str(order.film)) as film:
        video, sound = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.pix_fmt) == (WIDTH, HEIGHT, "yuv420p")
    head = order.film.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # plays while it is fetched
    assert [path.name for path in order.folder.iterdir()] == ["film.mp4"]


def test_sound_and_pictures_are_in_step(order: GridOrder) -> None:
    make(order, on)
    middle = [(at, luma[300, 800]) for at, luma in pictures_of(order.film)]
    turned_white = next(at for at, grey in middle if grey > 200)
    with av.open(str(order.film)) as film:
        began = next(
            float(frame.time or 0)
            for frame in film.decode(audio=0)
            if np.abs(frame.to_ndarray()).max() > 0.05
        )
    assert abs(turned_white - 2.0) < 0.1
    assert abs(began - 2.0) < 0.1


def test_a_camera_that_is_off_leaves_initials_and_the_name_stays(
    order: GridOrder,
) -> None:
    make(order, on)
    shown = pictures_of(order.film)
    before, during, after = (
        next(luma for at, luma in shown if at >= wanted) for wanted in (0, 3, 5)
    )
    assert np.abs(before.astype(int) - after).mean() < 2
    assert during[300, 800] > 200
    chip = (slice(862, 884), slice(20, 60))  # lower left: the same in both
    assert np.abs(before[chip].astype(int) - during[chip]).mean() < 8


def test_still_pictures_cost_next_to_nothing(long_order: GridOrder) -> None:
    make(long_order, on)
    times = [at for at, _ in pictures_of(long_order.film)]
    assert 43 <= len(times) < 90
    assert max(b - a for a, b in zip(times, times[1:], strict=False)) < 1.2
    assert long_order.film.stat().st_size < 700_000


def test_a_player_can_go_anywhere(long_order: GridOrder) -> None:
    make(long_order, on)
    with av.open(str(long_order.film)) as film:
        keys = [
            float(packet.pts * packet.time_base)
            for packet in film.demux(video=0)
            if packet.is_keyframe and packet.pts is not None
        ]
    assert max(b - a for a, b in zip(keys, keys[1:], strict=False)) < 5.5


@pytest.mark.parametrize("harm", ["cut", "garbage", "empty", "gone"])
def test_a_file_that_cannot_be_read_costs_no_film(order: GridOrder, harm: str) -> None:
    path = order.pictures[0].path
    whole = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"cut": whole[: len(whole) // 2], "garbage": b"x" * 9000, "empty": b""}[
                harm
            ]
        )
    make(order, on)
    assert pictures_of(order.film)[-1][0] > 4.5


def test_garbage_in_the_middle_is_passed_by(order: GridOrder) -> None:
    path = order.pictures[0].path
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 40] = bytes(40)
    path.write_bytes(whole)
    make(order, on)
    assert pictures_of(order.film)[-1][0] > 4.5


def whole_parts(order: GridOrder) -> list[str]:
    return sorted(path.name for path in order.folder.glob("part-*.mkv"))


class Stop(Exception):
    """What a test raises to end the work."""


def once(condition: Callable[[], Any], act: Callable[[], object]) -> Any:
    def step(share: float) -> None:
        if condition():
            act()

    return step


def stop() -> None:
    raise Stop


def maker(parent: int = 0) -> int:
    """The process that makes a film for another one."""
    found = subprocess.run(
        ["pgrep", "-P", str(parent or os.getpid()), "-f", "grid_apart"],
        capture_output=True,
        text=True,
    )
    return int(found.stdout.split()[0])


def kill() -> None:
    os.kill(maker(), signal.SIGKILL)


@pytest.mark.parametrize(("end", "error"), [(stop, Stop), (kill, MediaError)])
def test_who_begins_again_goes_on_where_the_work_ended(
    long_order: GridOrder, end: Callable[[], None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        make_apart(long_order, 0, once(lambda: whole_parts(long_order), end), 0)
    (first, *_) = whole_parts(long_order)
    written = (long_order.folder / first).stat().st_mtime_ns
    seen: list[int] = []

    def note(share: float) -> None:
        path = long_order.folder / first
        seen.extend([path.stat().st_mtime_ns] if path.exists() else [])

    make_apart(long_order, 0, note)
    assert set(seen) == {written}
    assert [path.name for path in long_order.folder.iterdir()] == ["film.mp4"]
    assert pictures_of(long_order.film)[-1][0] > 41.5


MAKE_FOR_EVER = """
import sys, time
from pathlib import Path
from meetings.media.egress.grid import Face
from meetings.media.egress.grid_apart import make_apart
from meetings.media.egress.grid_video import GridOrder

def wait(share):
    print("asked", flush=True)
    time.sleep(60)

folder = Path(sys.argv[1])
face = Face("1", "Ann", "A", 0, 0, 60_000)
make_apart(GridOrder([face], [], 60_000, folder / "mix.m4a", folder), 0, wait)
"""


def test_the_maker_ends_with_the_one_who_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE_FOR_EVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout and asking.stdout.readline() == "asked\n"
        child = maker(asking.pid)
        asking.kill()
    until = time.monotonic() + 20
    while _lives(child):
        assert time.monotonic() < until, "it works on for nobody"
        time.sleep(0.05)
    assert not (tmp_path / "film.mp4").exists()


def _lives(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False


def test_it_begins_only_with_room_on_the_disk(order: GridOrder) -> None:
    with pytest.raises(NoRoom):
        make_apart(order, 1 << 62, on)
    assert list(order.folder.iterdir()) == []


def test_it_ends_when_the_disk_fills(
    order: GridOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_apart, "check_room", lambda order, reserve: None)
    with pytest.raises(NoRoom):
        make_apart(order, 1 << 62, on)
    assert not order.film.exists()


def test_a_whole_day_takes_no_more_memory(tmp_path: Path) -> None:
    day = 24 * 3_600_000
    order = an_order(tmp_path, 2_500)
    sizes: list[int] = []

    def look(share: float) -> None:
        status = Path(f"/proc/{maker()}/status").read_text()
        peak = status.partition("VmHWM:")[2].split()[0]
        sizes.append(int(peak) // 1024)
        if len(sizes) == 6:
            raise Stop

    faces = [replace(order.faces[0], until_ms=day)]
    with pytest.raises(Stop):
        make_apart(replace(order, faces=faces, duration_ms=day), 0, look)
    assert max(sizes) < 400
    assert sizes[-1] - sizes[1] < 40


@pytest.mark.parametrize(
    "name",
    ["", " ", "A" * 500, "\u202eevil", "a\nb\tc", "👩‍👩‍👧", "שלום", "\x00", "王小明"],
)
def test_any_name_can_be_drawn(name: str) -> None:
    face = Face("1", name, name[:2], 99, 0, 1)
    chip = canvas.chip(face, 120)
    assert (chip.width <= 120, chip.width % 2, chip.height % 2) == (True, 0, 0)
    assert canvas.card(face, 64, 36).width == 64
