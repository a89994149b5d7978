"""Icons: a sprite of what pages use, no more and no less."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from config.http import icons

USED = re.compile(r'{% icon "([\w-]+)" %}')

ICON = """<!-- @license lucide-static v0.0.0 - ISC -->
<svg
  class="lucide lucide-ear"
  viewBox="0 0 24 24"
>
  <path d="M1 2" />
  <circle cx="3" cy="4" r="5" />
</svg>
"""


def test_it_keeps_the_icons_that_pages_use_and_no_others() -> None:
    pages = Path(settings.BASE_DIR, "templates").rglob("*.html")
    used = {name for page in pages for name in USED.findall(page.read_text())}
    assert used == set(icons.kept())


def test_it_adds_an_icon_beside_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(icons, "SPRITE", tmp_path / "icons.svg")
    folder = tmp_path / "icons"
    folder.mkdir()
    for name in ("nose", "ear"):
        (folder / f"{name}.svg").write_text(ICON)
        icons.add(tmp_path, [name])
    sprite = icons.SPRITE.read_text()
    shapes = '<path d="M1 2"/><circle cx="3" cy="4" r="5"/>'
    assert icons.SYMBOL.findall(sprite) == [("ear", shapes), ("nose", shapes)]
    assert "@license lucide-static v0.0.0 - ISC" in sprite


def test_it_draws_an_icon_that_screen_readers_pass_over() -> None:
    drawn = icons.draw("mic")
    assert drawn.startswith('<svg class="icon icon-mic" ')
    assert ' aria-hidden="true">' in drawn
    assert "<path" in drawn
