"""Recorded calls come in through the page."""

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Request, Route, expect

from meetings.imports import uploads
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
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    reason = page.locator("[data-work]")
    expect(reason).to_contain_text(
        "notes.txt is not a sound or video file", timeout=JOB_MS
    )
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_an_upload_that_broke_off_goes_on_after_a_reload(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    """Only what had not arrived is sent again."""
    call = wav(tmp_path / "long call.wav", seconds=110)
    page = sign_in(browse(), server)
    arrived: list[int | None] = []

    def break_off(route: Route) -> None:
        if (offset_of(route.request) or 0) >= uploads.SLICE:
            route.abort()
        else:
            route.continue_()

    page.route("**/uploads/*-*", break_off)
    send(page, call)
    expect(page.locator("import-drop [data-percent]")).to_have_text(
        re.compile("[3-9]. %")
    )
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.unroute("**/uploads/*-*")
    page.reload()
    page.on("request", lambda request: arrived.append(offset_of(request)))
    send(page, call)
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    offsets = [offset for offset in arrived if offset is not None]
    assert offsets == [uploads.SLICE, 2 * uploads.SLICE]


def send(page: Page, call: Path) -> None:
    page.locator("[data-import]").click()
    page.locator("import-drop input[type=file]").set_input_files(call)
    page.get_by_role("button", name="Import", exact=True).last.click()


def offset_of(request: Request) -> int | None:
    if request.method != "PATCH":
        return None
    return int(request.headers["upload-offset"])


def wav(path: Path, seconds: int) -> Path:
    """So many seconds of a quiet hum, 48 kHz stereo: 0.19 MB each."""
    hum = (np.sin(np.arange(48_000 * 2) / 80) * 300).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for _ in range(seconds):
            file.writeframes(hum)
    return path
