"""Who is seen where in a film of a call."""

from pathlib import Path

import pytest

from meetings.media.egress.grid import (
    HEIGHT,
    SCREEN_WIDTH,
    WIDTH,
    Box,
    Face,
    PictureFile,
    scenes,
    tiled,
)

ANN = Face("1", "Ann", "A", 0, 0, 60_000)
BEN = Face("2", "Ben", "B", 1, 10_000, 40_000)
CAMERA = PictureFile("1", False, Path("a.webm"), 5_000, 20_000)
SCREEN = PictureFile("2", True, Path("s.webm"), 15_000, 30_000)
EVERYTHING = Box(0, 0, WIDTH, HEIGHT)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    down = one.y < other.y + other.height and other.y < one.y + one.height
    return across and down


@pytest.mark.parametrize("area", [EVERYTHING, Box(1280, 0, 320, 900)])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9, 30, 100])
def test_tiles_stand_beside_one_another_inside_their_area(
    count: int, area: Box
) -> None:
    boxes = tiled(count, area)
    assert len(boxes) == count
    assert len({(box.width, box.height) for box in boxes}) == 1
    for n, box in enumerate(boxes):
        assert area.x <= box.x and box.x + box.width <= area.x + area.width
        assert area.y <= box.y and box.y + box.height <= area.y + area.height
        assert not any(overlap(box, other) for other in boxes[:n])
        assert not any(v % 2 for v in (box.x, box.y, box.width, box.height))


def test_few_people_are_large() -> None:
    (alone,) = tiled(1, EVERYTHING)
    assert alone.width > 0.9 * WIDTH
    assert [box.width > 700 for box in tiled(4, EVERYTHING)] == [True] * 4


def test_a_scene_begins_with_whoever_comes_goes_or_shows_something() -> None:
    found = scenes([ANN, BEN], [CAMERA, SCREEN], 60_000)
    told = [
        (
            scene.start_ms // 1000,
            scene.screen is SCREEN,
            [(face.name, camera is CAMERA) for face, camera in scene.tiles],
        )
        for scene in found
    ]
    assert told == [
        (0, False, [("Ann", False)]),
        (5, False, [("Ann", True)]),
        (10, False, [("Ann", True), ("Ben", False)]),
        (15, True, [("Ann", True), ("Ben", False)]),
        (20, True, [("Ann", False), ("Ben", False)]),
        (30, False, [("Ann", False), ("Ben", False)]),
        (40, False, [("Ann", False)]),
    ]


def test_a_screen_is_large_and_people_stand_beside_it() -> None:
    shared = next(s for s in scenes([ANN, BEN], [SCREEN], 60_000) if s.screen)
    screen, tiles = shared.places()
    assert screen == Box(0, 0, SCREEN_WIDTH, HEIGHT)
    assert len(tiles) == 2 and all(tile.x >= SCREEN_WIDTH for tile in tiles)


def test_a_screen_of_nobody_that_is_known_has_all_the_room() -> None:
    shared = next(s for s in scenes([], [SCREEN], 60_000) if s.screen)
    assert shared.places() == (EVERYTHING, [])


def test_the_screen_that_was_shared_last_is_shown() -> None:
    later = PictureFile("1", True, Path("t.webm"), 20_000, 25_000)
    found = scenes([ANN], [SCREEN, later], 60_000)
    shown = [(s.start_ms // 1000, s.screen.path.name) for s in found if s.screen]
    assert shown == [(15, "s.webm"), (20, "t.webm"), (25, "s.webm")]
