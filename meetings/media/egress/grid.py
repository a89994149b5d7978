"""Who is seen where, and when: the layout of a grid video. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 1600, 900  # px; a screen beside people has 1280 x 720 of it
SCREEN_WIDTH = 1280
TILE = 16 / 9
GAP = 8  # px between two tiles


@dataclass(frozen=True)
class Face:
    """A person of the call: a tile from `since_ms` to `until_ms` of the room's clock,
    with the camera in it while it is on. `colour`: a number of the eight hues."""

    key: str
    name: str
    initials: str
    colour: int
    since_ms: int
    until_ms: int


@dataclass(frozen=True)
class PictureFile:
    """What a camera or a shared screen showed, WebM; times on the room's clock."""

    person: str
    screen: bool
    path: Path
    offset_ms: int
    end_ms: int


@dataclass(frozen=True)
class Box:
    """A part of the canvas, px; all even, as colours have half the resolution."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Scene:
    """A stretch in which nobody comes, goes or turns a camera or screen on or off."""

    start_ms: int
    screen: PictureFile | None
    tiles: tuple[tuple[Face, PictureFile | None], ...]

    def places(self) -> tuple[Box | None, list[Box]]:
        """Where the screen is, if there is one, and where each tile."""
        if self.screen is None:
            return None, tiled(len(self.tiles), Box(0, 0, WIDTH, HEIGHT))
        if not self.tiles:
            return Box(0, 0, WIDTH, HEIGHT), []
        side = Box(SCREEN_WIDTH, 0, WIDTH - SCREEN_WIDTH, HEIGHT)
        return Box(0, 0, SCREEN_WIDTH, HEIGHT), tiled(len(self.tiles), side)


def scenes(
    faces: Sequence[Face], pictures: Sequence[PictureFile], duration_ms: int
) -> list[Scene]:
    """The call from 0 to its end, cut wherever the layout changes."""
    edges = {0, *(edge for face in faces for edge in (face.since_ms, face.until_ms))}
    edges |= {edge for file in pictures for edge in (file.offset_ms, file.end_ms)}
    found: list[Scene] = []
    for at in sorted(edge for edge in edges if 0 <= edge < max(1, duration_ms)):
        scene = _scene(at, faces, pictures)
        before = found[-1] if found else None
        if not before or (before.screen, before.tiles) != (scene.screen, scene.tiles):
            found.append(scene)
    return found


def _scene(at: int, faces: Sequence[Face], pictures: Sequence[PictureFile]) -> Scene:
    on = [file for file in pictures if file.offset_ms <= at < file.end_ms]
    cameras = {file.person: file for file in on if not file.screen}
    screens = [file for file in on if file.screen]
    here = [face for face in faces if face.since_ms <= at < face.until_ms]
    tiles = tuple((face, cameras.get(face.key)) for face in here)
    return Scene(at, screens[-1] if screens else None, tiles)


def tiled(count: int, area: Box) -> list[Box]:
    """So many tiles of one size, as large as they can be, in the middle of an area."""
    if not count:
        return []
    width, columns = max((_width(count, n, area), n) for n in range(1, count + 1))
    height = _even(width / TILE)
    rows = -(-count // columns)
    top = area.y + (area.height - rows * height) // 2
    boxes = []
    for n in range(count):
        row, column = divmod(n, columns)
        in_row = min(columns, count - row * columns)
        left = area.x + (area.width - in_row * width) // 2
        x, y = left + column * width + GAP / 2, top + row * height + GAP / 2
        boxes.append(Box(_even(x), _even(y), _even(width - GAP), _even(height - GAP)))
    return boxes


def _width(count: int, columns: int, area: Box) -> int:
    rows = -(-count // columns)
    return int(min(area.width / columns, area.height / rows * TILE))


def _even(size: float) -> int:
    return max(2, int(size) // 2 * 2)
