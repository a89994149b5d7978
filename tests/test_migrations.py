"""Migrations: complete, and independent of what becomes of the code."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.services import ROOT

CHAPTERS = ("config", "dashboard", "meetings", "transcription")
# Columns name their validators and defaults: those have to stay, as Django says.
OF_COLUMNS = {"meetings.languages", "meetings.models.meeting"}


def imported(file: Path) -> set[str]:
    """Modules that a file imports by their full names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def test_they_use_no_code_of_today() -> None:
    files = [f for chapter in CHAPTERS for f in ROOT.glob(f"{chapter}/migrations/*.py")]
    assert len(files) > 10
    live = {
        (file.name, name)
        for file in files
        for name in imported(file) - OF_COLUMNS
        if name.partition(".")[0] in CHAPTERS
    }
    assert live == set()


@pytest.mark.django_db
def test_they_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_frozen_reading_still_finds_the_starter_bags() -> None:
    from transcription.migrations._starter_bags import phrases
    from transcription.speech.filters.normal import normal
    from transcription.speech.filters.seed import languages, seeds

    for code in languages():
        frozen = {(p["phrase"], p["tier"], p["count"]) for p in phrases(code).values()}
        today = {normal(seed.phrase): seed for seed in seeds(code)}
        assert frozen == {(s.phrase, s.tier, s.count) for s in today.values()}
