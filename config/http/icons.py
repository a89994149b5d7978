"""The icons: those few of lucide-static (ISC) that pages use, kept in one SVG sprite.

To add some, from a folder that has the package (npm install --no-save lucide-static)::

    python -m config.http.icons node_modules/lucide-static mic mic-off
"""

import re
import sys
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SPRITE = Path(__file__).resolve().parents[2] / "static" / "site" / "icons.svg"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {licence} -->\n'
SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.+?)</symbol>')
LICENCE = re.compile(r"<!-- (@license .+?) -->")


@cache
def kept() -> dict[str, str]:
    """Name -> the shapes of each icon, drawn on 24 by 24."""
    return dict(SYMBOL.findall(SPRITE.read_text()))


def draw(name: str) -> SafeString:
    """The icon as a part of the page, so that it takes the colour of its text.

    It says nothing to screen readers: what it stands in needs a name. Raises KeyError.
    """
    shapes = mark_safe(kept()[name])
    return format_html(
        '<svg class="icon icon-{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        name,
        shapes,
    )


def add(package: Path, names: list[str]) -> None:
    """Put icons of the npm package into the sprite, beside those that are there."""
    icons = dict(SYMBOL.findall(SPRITE.read_text())) if SPRITE.exists() else {}
    licence = ""
    for name in names:
        text = (package / "icons" / f"{name}.svg").read_text()
        icons[name] = _shapes(text)
        licence = LICENCE.findall(text)[0]
    symbols = [
        f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>\n'
        for name, shapes in sorted(icons.items())
    ]
    SPRITE.write_text(HEAD.format(licence=licence) + "".join(symbols) + "</svg>\n")


def _shapes(svg: str) -> str:
    """What stands inside the root of an icon, on one line."""
    inside = svg[svg.index("<svg") :].partition(">")[2].rpartition("</svg>")[0]
    return "".join(line.strip() for line in inside.splitlines()).replace(" />", "/>")


if __name__ == "__main__":
    add(Path(sys.argv[1]), sys.argv[2:])
