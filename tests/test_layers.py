"""Who may import whom, beyond what the import-linter contracts can see."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.services import ROOT

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


def test_the_product_does_not_know_the_tests_model() -> None:
    """It serves real models only: the fixture is for tests and quick benchmarks."""
    folders = ("config", "dashboard", "meetings", "transcription", "templates")
    listed = subprocess.run(
        ["git", "ls-files", *folders, "static", "deploy", "manage.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    mention = re.compile(rb"fixture.?model|demo.?model|bundled|benchmarks", re.I)
    files = [ROOT / name for name in listed.stdout.splitlines()]
    assert len(files) > 100
    named = [file for file in files if file.exists() and mention.search(_text(file))]
    assert named == []


def _text(file: Path) -> bytes:
    return file.read_bytes() if file.suffix not in (".ogg", ".md") else b""


@pytest.mark.parametrize("chapter", ["meetings", "transcription", "dashboard"])
def test_it_keeps_the_chapters_own_init_empty(chapter: str) -> None:
    assert (ROOT / chapter / "__init__.py").read_text() == ""


def test_no_two_classes_of_the_product_share_a_name() -> None:
    """A reader who searches for a class finds one; inner ones go by their outer's."""
    names = Counter(
        node.name
        for chapter in ("config", "meetings", "transcription", "dashboard")
        for file in (ROOT / chapter).rglob("*.py")
        if "migrations" not in file.parts
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name != "Command"
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    "folder", sorted(file.parent.name for file in ROOT.glob("tests/*/conftest.py"))
)
def test_it_collects_a_folder_of_tests_alone(folder: str) -> None:
    """Given a folder, pytest loads its conftest.py before Django's settings stand."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", f"tests/{folder}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]
