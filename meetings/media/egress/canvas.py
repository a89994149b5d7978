"""A picture put together of pictures and names, in the colours of video (YUV 4:2:0)."""

from functools import cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from meetings.media.egress.grid import Box, Face

Plane = NDArray[np.uint8]
RGB = tuple[int, int, int]

STAGE: RGB = (22, 24, 29)
CHIP: RGB = (12, 13, 16)
INK: RGB = (240, 242, 245)
# the hues of static/css/tokens.css, as they are on a dark stage
HUES: tuple[RGB, ...] = (
    (0x62, 0xB5, 0xF0),
    (0xFF, 0x96, 0x59),
    (0x45, 0xCB, 0x9D),
    (0xEA, 0x9D, 0xC7),
    (0xF0, 0xB8, 0x40),
    (0xAE, 0xAA, 0xF7),
    (0x7A, 0xD3, 0xE4),
    (0xD6, 0xCE, 0x54),
)
# Fonts that machines have, for names in letters that Pillow's own font lacks
FONTS = (
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "Arial.ttf",
)


class Canvas:
    """What is shown now; pictures are pasted into boxes."""

    def __init__(self, width: int, height: int) -> None:
        self._rows = np.empty((height * 3 // 2, width), np.uint8)
        quarter = height // 4
        flat = self._rows[height:].reshape(2, quarter * width)
        self._planes = (
            self._rows[:height],
            flat[0].reshape(height // 2, width // 2),
            flat[1].reshape(height // 2, width // 2),
        )
        self._all = Box(0, 0, width, height)

    def clear(self) -> None:
        self._fill(self._all)

    def _fill(self, box: Box) -> None:
        colour = _planes(_plain(STAGE, 2, 2))
        for n, plane in enumerate(self._planes):
            _part(plane, box, n > 0)[:] = colour[n][0, 0]

    def cover(self, frame: Any, box: Box) -> None:
        """Fill a box with a picture, whose edges are cut off where they do not fit."""
        width, height = _scaled(frame, box, max)
        planes = _planes(frame.reformat(width, height, "yuv420p"))
        x, y = (width - box.width) // 4 * 2, (height - box.height) // 4 * 2
        self._put(planes, box, x, y)

    def contain(self, frame: Any, box: Box) -> None:
        """Show the whole of a picture in the middle of a box."""
        width, height = _scaled(frame, box, min)
        left = box.x + (box.width - width) // 4 * 2
        top = box.y + (box.height - height) // 4 * 2
        inside = Box(left, top, width, height)
        if inside != box:
            self._fill(box)
        self._put(_planes(frame.reformat(width, height, "yuv420p")), inside, 0, 0)

    def paste(self, frame: Any, x: int, y: int) -> None:
        """A picture as it is."""
        self._put(_planes(frame), Box(x, y, frame.width, frame.height), 0, 0)

    def frame(self) -> Any:
        """All of it, as an encoder takes it; a copy."""
        return av.VideoFrame.from_ndarray(self._rows, "yuv420p")

    def _put(self, planes: list[Plane], box: Box, x: int, y: int) -> None:
        for n, plane in enumerate(self._planes):
            source = Box(x, y, box.width, box.height)
            _part(plane, box, n > 0)[:] = _part(planes[n], source, n > 0)


def _scaled(frame: Any, box: Box, choose: Any) -> tuple[int, int]:
    scale = choose(box.width / frame.width, box.height / frame.height)
    sizes = frame.width * scale, frame.height * scale
    width, height = (max(2, round(size / 2) * 2) for size in sizes)
    if choose is max:
        return max(width, box.width), max(height, box.height)
    return min(width, box.width), min(height, box.height)


def _part(plane: Plane, box: Box, half: bool) -> Plane:
    shift = 1 if half else 0
    x, y = box.x >> shift, box.y >> shift
    return plane[y : y + (box.height >> shift), x : x + (box.width >> shift)]


def _planes(frame: Any) -> list[Plane]:
    """Luma and the two colours of a yuv420p frame of even sizes."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    ]


def _plain(colour: RGB, width: int, height: int) -> Any:
    return _video(Image.new("RGB", (width, height), colour))


def _video(image: Image.Image) -> Any:
    """A drawn picture in the colours of video."""
    frame = av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")
    return frame.reformat(format="yuv420p")


# -- what stands for a person


@cache
def card(face: Face, width: int, height: int) -> Any:
    """A tile of somebody whose camera is off: initials on a soft colour."""
    hue = HUES[face.colour % len(HUES)]
    soft = _between(STAGE, hue, 0.22)
    image = Image.new("RGB", (width, height), soft)
    font = _font(face.initials, max(8, height // 4))
    middle = (width / 2, height / 2)
    ImageDraw.Draw(image).text(middle, face.initials, hue, font, anchor="mm")
    return _video(image)


@cache
def chip(face: Face, width: int) -> Any:
    """The name of a person, for a tile so wide; cut where it is too long."""
    size = 14 if width < 200 else min(36, max(20, width // 22))
    font, text = _font(face.name, size), face.name
    while len(text) > 1 and font.getlength(text) > width - 24:
        text = f"{text.removesuffix('…')[:-1]}…"
    across = min(width, round(font.getlength(text) / 2) * 2 + 16)
    image = Image.new("RGB", (across // 2 * 2, size + 12), CHIP)
    at = (8, image.height / 2)
    ImageDraw.Draw(image).text(at, text, INK, font, anchor="lm")
    return _video(image)


def _between(one: RGB, other: RGB, share: float) -> RGB:
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


def _font(text: str, size: int) -> Any:
    """The first font that has all letters of a text; Pillow's own comes first."""
    own = ImageFont.load_default(size)
    fonts = [own, *(font for name in FONTS if (font := _installed(name, size)))]
    return next((font for font in fonts if _has(font, text)), own)


@cache
def _installed(name: str, size: int) -> Any:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has(font: Any, text: str) -> bool:
    """Whether no letter is drawn as the box that stands for a letter a font lacks."""
    box = bytes(font.getmask("\U0010fffd"))
    letters = {letter for letter in text if not letter.isspace()}
    return all(bytes(font.getmask(letter)) != box for letter in letters)
