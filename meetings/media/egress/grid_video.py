"""A call as one film: the shared screen large, people beside it, their sound.

It is made in parts, each whole or not there: who begins again goes on behind the last.
"""

import os
import shutil
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any

import av

from meetings.media.egress.canvas import Canvas, card, chip
from meetings.media.egress.grid import (
    HEIGHT,
    WIDTH,
    Box,
    Face,
    PictureFile,
    Scene,
    scenes,
)
from meetings.media.egress.picture_file import Showing
from meetings.media.egress.stems import WholeFile
from meetings.media.errors import NoRoom
from meetings.media.writers import sync

FRAME_RATE = 15  # pictures a second at most: none is written where nothing moves
ALONE_RATE = 30  # where one camera or screen is all there is
STILL_MS = 1000  # one at least so often
KEYFRAME_MS = 4000  # how far a player reads back when somebody seeks
PART_MS = 20_000
TIME_BASE = Fraction(1, 1000)
CHIP_MARGIN = 8  # px
MOVING_BYTES, STILL_BYTES = 60_000, 2_000  # a second, of pictures and of none
# One thread, and nothing looked at that lies far ahead: memory and cores are others'.
X264 = {
    "preset": "veryfast",
    "crf": "26",
    "maxrate": "1500k",
    "bufsize": "3000k",
    "bf": "0",
    "g": "1000",
    "sc_threshold": "0",
    "rc-lookahead": "10",
    "threads": "1",
}

Step = Callable[[float], None]  # share done; may wait, or raise to end the work


@dataclass(frozen=True)
class GridOrder:
    """`sound`: the mix, AAC in M4A, from `sound_from_ms` on. `folder`: has the parts
    until `film` is whole. `alone`: the size of the one picture there is, px, even;
    nobody stands beside it then."""

    faces: Sequence[Face]
    pictures: Sequence[PictureFile]
    duration_ms: int
    sound: Path
    folder: Path
    sound_from_ms: int = 0
    alone: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.alone or (WIDTH, HEIGHT)

    @property
    def frame_rate(self) -> int:
        return ALONE_RATE if self.alone else FRAME_RATE

    @property
    def film(self) -> Path:
        return self.folder / "film.mp4"

    def part(self, number: int) -> Path:
        return self.folder / f"part-{number:05}.mkv"

    @property
    def parts(self) -> int:
        return max(1, -(-self.duration_ms // PART_MS))


def make(order: GridOrder, step: Step) -> None:
    """Write `order.film`, which appears whole or not at all; the parts go then."""
    numbers = range(order.parts)
    left = [n for n in numbers if not order.part(n).exists()]
    if left:
        filming = Filming(order, step)
        for number in left:
            filming.write(number)
        filming.close()
    _join(order, step)
    for path in order.folder.glob("part-*"):  # and what a killed one left half done
        path.unlink()


@dataclass
class _View:
    """A camera or a screen in its place; `face`: whose name stands in it."""

    showing: Showing
    box: Box
    face: Face | None
    cleared: bool = True  # there is nothing in its place yet

    def draw(self, at_ms: int, canvas: Canvas) -> bool:
        """Show the picture of this time; whether there was anything to do."""
        changed = self.showing.go_to(at_ms) or self.cleared
        frame = self.showing.frame
        if frame is None or not changed:
            return False
        self.cleared = False
        if self.face is None:
            canvas.contain(frame, self.box)
        else:
            canvas.cover(frame, self.box)
            _name(canvas, self.face, self.box)
        return True


class Filming:
    """Goes through the call once, and draws what there is to see."""

    def __init__(self, order: GridOrder, step: Step) -> None:
        self._order = order
        self._step = step
        self._scenes = scenes(order.faces, order.pictures, order.duration_ms)
        self._starts = [scene.start_ms for scene in self._scenes]
        self._canvas = Canvas(*order.size)
        self._scene: Scene | None = None
        self._views: list[_View] = []

    def write(self, number: int) -> None:
        """A part, from its first picture on."""
        begin, end = number * PART_MS, (number + 1) * PART_MS
        end = min(end, max(1, self._order.duration_ms))
        path = self._order.part(number)
        half = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with _Encoder(half, self._order) as encoder:
                for at in _ticks(begin, end, self._order.frame_rate):
                    self._tick(at, at == begin, encoder)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)

    def close(self) -> None:
        for view in self._views:
            view.showing.close()

    def _tick(self, at: int, first: bool, encoder: "_Encoder") -> None:
        changed = self._set_scene(at)
        for view in self._views:
            changed = view.draw(at, self._canvas) or changed
        if changed or first or at - encoder.last_ms >= STILL_MS:
            encoder.write(self._canvas.frame(), at)
        self._step(0.95 * at / max(1, self._order.duration_ms))

    def _set_scene(self, at: int) -> bool:
        """Draw the layout of this time; whether it is another one."""
        scene = self._scenes[bisect_right(self._starts, at) - 1]
        if scene is self._scene:
            return False
        self._scene = scene
        before = {view.showing.file: view.showing for view in self._views}
        self._views = list(self._laid_out(scene, before))
        for showing in before.values():
            showing.close()
        return True

    def _laid_out(
        self, scene: Scene, before: dict[PictureFile, Showing]
    ) -> Iterator[_View]:
        """What was shown before goes on in its new place."""
        self._canvas.clear()
        place, boxes = scene.places()
        if self._order.alone:
            place = Box(0, 0, *self._order.size)
        if scene.screen and place:
            yield _View(_taken(before, scene.screen), place, None)
        for (face, camera), box in zip(scene.tiles, boxes, strict=True):
            self._canvas.paste(card(face, box.width, box.height), box.x, box.y)
            _name(self._canvas, face, box)
            if camera:
                yield _View(_taken(before, camera), box, face)


def _taken(before: dict[PictureFile, Showing], file: PictureFile) -> Showing:
    return before.pop(file) if file in before else Showing(file)


def _name(canvas: Canvas, face: Face, box: Box) -> None:
    name = chip(face, box.width - 2 * CHIP_MARGIN)
    top = box.y + box.height - name.height - CHIP_MARGIN
    canvas.paste(name, box.x + CHIP_MARGIN, top // 2 * 2)


def _ticks(begin: int, end: int, rate: int) -> Iterator[int]:
    number = -(-begin * rate // 1000)
    while (at := number * 1000 // rate) < end:
        yield at
        number += 1


class _Encoder:
    """H.264 in a container of its own; times are those of the call."""

    def __init__(self, path: Path, order: GridOrder) -> None:
        self._path = path
        self._container: Any = av.open(str(path), "w", format="matroska")
        self._stream: Any = self._container.add_stream(
            "libx264", rate=order.frame_rate, options=X264
        )
        self._stream.width, self._stream.height = order.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = TIME_BASE
        self._stream.codec_context.thread_count = 1
        self.last_ms = -STILL_MS
        self._key_ms = -KEYFRAME_MS

    def __enter__(self) -> "_Encoder":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        if kind is None:
            sync(self._path)

    def write(self, frame: Any, at_ms: int) -> None:
        frame.pts, frame.time_base = at_ms, TIME_BASE
        if at_ms - self._key_ms >= KEYFRAME_MS:
            frame.pict_type = av.video.frame.PictureType.I
            self._key_ms = at_ms
        self.last_ms = at_ms
        self._container.mux(self._stream.encode(frame))


# -- pictures and sound together


def _join(order: GridOrder, step: Step) -> None:
    """Copy the parts end to end, and the mix beside them."""
    with WholeFile(order.film, "mp4") as file, av.open(str(order.sound)) as sound:
        with av.open(str(order.part(0))) as first:
            pictures = file.container.add_stream_from_template(first.streams.video[0])
        heard = file.container.add_stream_from_template(sound.streams.audio[0])
        both = merge(
            _pictures(order, pictures),
            _sound(order, sound, heard),
            key=lambda pair: pair[0],
        )
        for at, packet in both:
            file.container.mux(packet)
            step(0.95 + 0.05 * min(1.0, at * 1000 / max(1, order.duration_ms)))


def _pictures(order: GridOrder, stream: Any) -> Iterator[tuple[float, Any]]:
    for number in range(order.parts):
        with av.open(str(order.part(number))) as part:
            for packet in part.demux(video=0):
                if packet.dts is not None:
                    at = float(packet.dts * packet.time_base)
                    packet.stream = stream
                    yield at, packet


def _sound(
    order: GridOrder, container: Any, stream: Any
) -> Iterator[tuple[float, Any]]:
    begin, end = order.sound_from_ms, order.sound_from_ms + order.duration_ms
    for packet in container.demux(audio=0):
        if packet.dts is None:
            continue
        ms = float(packet.dts * packet.time_base) * 1000
        if ms >= end:
            return
        if ms < begin:
            continue
        shift = round(Fraction(begin, 1000) / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = stream
        yield (ms - begin) / 1000, packet


def check_room(order: GridOrder, reserve: int) -> None:
    """Raises NoRoom where the disk has none for the parts and the film of them, and
    `reserve` bytes."""
    seen = sum(file.end_ms - file.offset_ms for file in order.pictures)
    moving = min(order.duration_ms, seen)
    still = order.duration_ms - moving
    needed = 2 * (moving * MOVING_BYTES + still * STILL_BYTES) // 1000
    if shutil.disk_usage(order.folder).free < reserve + needed:
        raise NoRoom
