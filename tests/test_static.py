"""Static files: collected under hashed names, and every import finds its file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.test import override_settings

from config.http import staticfiles
from meetings import sockets

MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
# import x from "..." · export x from "..." · import "..." · import("...")
IMPORT = re.compile(
    r"""^\s*(?:import|export)\b[^'";]*?from\s*["']([^"']+)["']"""
    r"""|^\s*import\s*["']([^"']+)["']"""
    r"""|\bimport\(\s*["']([^"']+)["']""",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("static")
    hashed = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    with override_settings(STORAGES=hashed, STATIC_ROOT=str(root)):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


def imports_of(module: str) -> list[str]:
    text = (settings.BASE_DIR / "static" / module).read_text()
    return [next(filter(None, found)) for found in IMPORT.findall(text)]


def test_it_finds_imports_however_they_are_written() -> None:
    text = """
    import a from "./a.js";
    import { b,
             c } from './b.js';
    import "./c.js";
    export { d } from "./d.js";
    const e = await import("e");
    // importance of "this" is nil
    """
    found = [next(filter(None, groups)) for groups in IMPORT.findall(text)]
    assert found == ["./a.js", "./b.js", "./c.js", "./d.js", "e"]


def test_it_collects_every_file_under_a_hashed_name(collected: Path) -> None:
    paths = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert set(staticfiles.own_modules()) <= set(paths)
    assert set(staticfiles.PACKAGES.values()) <= set(paths)
    for plain, hashed in paths.items():
        assert plain != hashed
        assert (collected / hashed).is_file()


def test_it_maps_every_module_to_its_hashed_name(collected: Path) -> None:
    storage = ManifestStaticFilesStorage()
    imports = staticfiles.import_map()["imports"]
    for module in staticfiles.own_modules():
        assert imports[f"/static/{module}"] == storage.url(module)
    for name, path in staticfiles.PACKAGES.items():
        assert imports[name] == storage.url(path)


def test_it_resolves_every_import_of_our_modules() -> None:
    """One that is missing in the map would load unhashed, and stale."""
    known = set(staticfiles.import_map()["imports"])
    root = settings.BASE_DIR / "static"
    unknown = []
    for module in staticfiles.own_modules():
        for name in imports_of(module):
            target = (root / module).parent / name
            address = f"/static/{target.resolve().relative_to(root.resolve())}"
            wanted = address if name.startswith(".") else name
            if wanted not in known:
                unknown.append(f"{module} imports {name}")
    assert unknown == []


def test_it_keeps_modules_in_folders_that_the_map_knows() -> None:
    root = settings.BASE_DIR / "static"
    folders = {file.relative_to(root).parts[0] for file in root.rglob("*.js")}
    assert folders <= set(staticfiles.OWN_MODULES)


def test_it_declares_every_token_that_a_style_names() -> None:
    """One that nothing declares is no error to a browser: the colour is just gone."""
    text, modules = _all_text("*.css"), _all_text("*.js")
    declared = set(re.findall(r"(--[\w-]+)\s*:", text))
    with_default = set(re.findall(r"var\((--[\w-]+),", text))
    used = set(re.findall(r"var\((--[\w-]+)", text))
    used |= set(re.findall(r'resolve\("(--[\w-]+)"\)', modules))
    assert used - declared - with_default == set()


def test_it_leaves_the_size_of_the_root_to_the_reader() -> None:
    """Every size is in rem: with another root no token is what its name says."""
    text = _all_text("*.css")
    roots = re.findall(r"(?:^|[\s,}])(?:html|:root)[^{,]*\{([^}]*)\}", text)
    assert roots
    assert not [rule for rule in roots if re.search(r"\bfont(-size)?\s*:", rule)]


def test_it_knows_the_close_codes_of_the_server() -> None:
    """A code that one side renames would be tried again for ever, or given up."""
    script = Path(settings.BASE_DIR, "static/site/socket.js").read_text()
    told = re.findall(r"^  ([A-Z_]+): (4\d{3}),$", script, re.MULTILINE)
    codes = {
        name: code
        for name, code in vars(sockets).items()
        if name.isupper() and isinstance(code, int) and 4000 <= code < 5000
    }
    assert {name: int(code) for name, code in told} == codes


def _all_text(pattern: str) -> str:
    files = Path(settings.BASE_DIR, "static").rglob(pattern)
    return "\n".join(file.read_text() for file in files)
