"""Who may import whom, beyond what the import-linter contracts can see."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WITHOUT_DJANGO = """
import importlib, pkgutil, sys
for name in ("django", "channels", "rq", "django_rq", "config"):
    sys.modules[name] = None
library = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(library.__path__, sys.argv[1] + "."):
    importlib.import_module(module.name)
"""


@pytest.mark.parametrize("library", ["meetings.media", "transcription.speech"])
def test_it_imports_every_module_of_a_library_without_django(library: str) -> None:
    """A parent's __init__.py runs first, and the contracts do not look there."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO, library],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("chapter", ["meetings", "transcription", "dashboard"])
def test_it_keeps_the_chapters_own_init_empty(chapter: str) -> None:
    assert (ROOT / chapter / "__init__.py").read_text() == ""
