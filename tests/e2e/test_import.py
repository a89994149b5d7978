"""Recorded calls come in through the page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import CALL, Browse, Server
from tests.e2e.test_call import JOB_MS, sign_in

pytestmark = pytest.mark.e2e


def test_files_become_a_call_that_fills_itself(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    files = [CALL / "ben.ogg", CALL / "carol.ogg"]
    page.locator("import-drop input[type=file]").set_input_files(files)
    page.get_by_label("Title").fill("Two of the three")
    page.get_by_role("button", name="Import", exact=True).last.click()
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    expect(page.get_by_role("heading", name="Two of the three")).to_be_visible()
    line = page.locator(".line", has_text="nobody updates the system").first
    expect(line).to_be_visible(timeout=JOB_MS)
    expect(page.locator("[data-play]")).to_be_enabled(timeout=JOB_MS)


def test_what_is_no_recording_is_refused_with_its_reason(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("these are notes, not sound\n" * 50)
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    page.locator("import-drop input[type=file]").set_input_files(notes)
    page.get_by_role("button", name="Import", exact=True).last.click()
    reason = page.locator("import-drop [role=alert]")
    expect(reason).to_contain_text("notes.txt is not a sound or video file")
