"""Who spoke in a recording with one track: by the transcript beside it."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import CALL, PHONE, Browse, Server
from tests.e2e.test_call import JOB_MS, sign_in

pytestmark = pytest.mark.e2e

SHIFT = 2.5  # s by which the transcript's clock is off


def transcript(path: Path) -> Path:
    """Ben's lines as Zoom writes them, every other one as if Dora had said it."""
    lines = json.loads((CALL / "call.json").read_text())["utterances"]
    cues = [
        f"{clock(line['start'])} --> {clock(line['end'])}\n"
        f"{('Ben Jones', 'Dora Lind')[n % 2]}: {line['text']}"
        for n, line in enumerate(line for line in lines if line["speaker"] == "ben")
    ]
    path.write_text("WEBVTT\n\n" + "\n\n".join(cues))
    return path


def clock(seconds: float) -> str:
    minutes, rest = divmod(seconds + SHIFT, 60)
    return f"00:{minutes:02.0f}:{rest:06.3f}"


def test_a_transcript_beside_the_recording_names_who_speaks(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    files = [CALL / "ben.ogg", transcript(tmp_path / "ben.vtt")]
    page.locator("import-drop input[type=file]").set_input_files(files)
    page.get_by_label("Title").fill("Named by Zoom")
    page.get_by_role("button", name="Import", exact=True).last.click()
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    said = page.locator(".line .speaker")
    expect(said.filter(has_text="Dora Lind").first).to_be_visible(timeout=JOB_MS)
    expect(said.filter(has_text="Ben Jones").first).to_be_visible()

    page.locator(".head-actions .menu summary").last.click()
    page.get_by_role("link", name="Who spoke").click()
    expect(
        page.get_by_text("The names come from ben.vtt. Its times were")
    ).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.set_viewport_size(PHONE)
    assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Take the names back").click()
    expect(page.get_by_text("The names come from")).to_have_count(0)
    page.get_by_role("link", name="Named by Zoom").click()
    expect(said.filter(has_text="ben").first).to_be_visible()
    expect(said.filter(has_text="Dora")).to_have_count(0)
