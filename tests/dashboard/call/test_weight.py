"""How much script the page of a call brings."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from config.http.staticfiles import PACKAGES
from meetings.models import Participant
from tests.cast import Cast

MOST = 120_000  # bytes, compressed
SCRIPT = re.compile(r'<script[^>]* src="/static/([^"?]+)"')
IMPORT = re.compile(
    r'(?:^|\n|\s)(?:import|export)[^;]*?"([^"]+)"\s*;|\bimport\("([^"]+)"\)'
)


def brought(scripts: list[str]) -> dict[str, int]:
    """{path below static/: bytes, compressed} of scripts and all that they import."""
    sizes: dict[str, int] = {}
    waiting = list(scripts)
    while waiting:
        path = waiting.pop()
        if path in sizes:
            continue
        found = finders.find(path)
        assert found, path
        text = Path(found).read_text()
        sizes[path] = len(gzip.compress(text.encode()))
        if path not in PACKAGES.values():
            names = (one or other for one, other in IMPORT.findall(text))
            waiting += [resolved(name, path) for name in names]
    return sizes


def resolved(name: str, importer: str) -> str:
    if name in PACKAGES:
        return PACKAGES[name]
    return str((Path("/") / importer).parent.joinpath(name).resolve())[1:]


def test_the_page_of_a_call_brings_little_script(
    cast: Cast, owner: Participant
) -> None:
    page = cast.owner.client.get(f"/calls/{cast.code}/").content.decode()
    sizes = brought(SCRIPT.findall(page))
    assert {"dashboard/call.js", "dashboard/corrections.js"} <= set(sizes)
    assert any("wavesurfer" in path for path in sizes)
    assert any("htmx" in path for path in sizes)
    total = sum(sizes.values())
    assert 40_000 < total <= MOST, (total, sizes)
