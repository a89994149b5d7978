"""npm files by allow-list, and the import map that gives modules their hashed names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from django.templatetags.static import static

NODE_MODULES = settings.BASE_DIR / "node_modules"

# import name -> file in node_modules; nothing else of node_modules is served
PACKAGES = {
    "wavesurfer.js": "wavesurfer.js/dist/wavesurfer.esm.js",
    "tus-js-client": "tus-js-client/dist/tus.min.js",  # no module: it fills window.tus
}
# what these name in turn: the manifest refuses a source map that is not there
FILES = (*PACKAGES.values(), "tus-js-client/dist/tus.min.js.map")
OWN_MODULES = ("meetings", "dashboard", "site")  # folders of static/ that hold modules


class NodeModulesFinder(BaseFinder):
    storage = FileSystemStorage(location=NODE_MODULES)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [f for f in FILES if not (NODE_MODULES / f).exists()]
        return [
            Error(f"node_modules/{file} is missing", hint="Run make setup")
            for file in missing
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = str(NODE_MODULES / path)
        if path not in FILES or not Path(found).exists():
            return []
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in FILES:
            yield path, self.storage


def own_modules() -> list[str]:
    """Paths below static/ of every ES module of ours."""
    root = settings.BASE_DIR / "static"
    return sorted(
        str(file.relative_to(root))
        for folder in OWN_MODULES
        for file in (root / folder).glob("*.js")
    )


def import_map() -> dict[str, dict[str, str]]:
    """Bare names of packages, and each own module's plain address -> hashed one."""
    imports = {name: static(path) for name, path in PACKAGES.items()}
    for path in own_modules():
        imports[settings.STATIC_URL + path] = static(path)
    return {"imports": imports}
