"""The documents say what the code does."""

import re

from config import settings_page
from tests.services import ROOT

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_it_lists_every_setting_as_the_code_reads_it() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert settings_page.table() in page, "run: python -m config.settings_page"


def test_it_gives_every_folder_of_the_tree_a_line() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    apps = ("config", "meetings", "transcription", "dashboard")
    folders = {
        f"{folder.relative_to(ROOT)}/"
        for app in apps
        for init in (ROOT / app).rglob("__init__.py")
        for folder in (init.parent,)
        if not {"migrations", "commands", "management", "templatetags"}
        & set(folder.parts)
    }
    assert {name for name in folders if f"`{name}`" not in page} == set()


def test_it_links_to_files_that_are_there() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_it_keeps_the_version_in_one_place() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    project = (ROOT / "pyproject.toml").read_text()
    assert newest and f'version = "{newest[1]}"' in project
