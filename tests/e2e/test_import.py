"""Recorded calls come in through the page."""

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Request, Route, expect

from meetings.imports import uploads
from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import CALL, Browse, Server
from tests.e2e.test_call import JOB_MS, sign_in

pytestmark = pytest.mark.e2e


def test_files_become_a_call_that_fills_itself(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    files = [tmp_path / "ben.ogg", tmp_path / "carol.ogg"]
    for file in files:  # another test imports one of them: a file is known again
        file.write_bytes((CALL / file.name).read_bytes() + b"once more")
    page.locator("import-drop input[type=file]").set_input_files(files)
    page.get_by_label("These are one call").check()
    page.get_by_label("Title").fill("Two of the three")
    page.get_by_label("Who speaks in ben").fill("Benjamin")
    page.get_by_label("Side of carol").select_option("Us")
    page.get_by_role("button", name="Import", exact=True).last.click()
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    expect(page.get_by_role("heading", name="Two of the three")).to_be_visible()
    line = page.locator(".line", has_text="nobody updates the system").first
    expect(line).to_be_visible(timeout=JOB_MS)
    expect(page.locator("[data-play]")).to_be_enabled(timeout=JOB_MS)
    expect(line.locator(".speaker")).to_have_text("Benjamin")
    page.get_by_role("tab", name="People").click()
    expect(page.locator("[data-people] li")).to_contain_text(["Us", "Us"])

    page.get_by_label("Change Benjamin").click()
    page.get_by_label("Name", exact=True).first.fill("Ben")
    page.locator("[data-people] select").first.select_option("Customer")
    page.get_by_role("button", name="Save").first.click()
    expect(line.locator(".speaker")).to_have_text("Ben")
    expect(page.locator("[data-people] li").first).to_contain_text("Customer")


def test_many_files_are_many_calls(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    """With a table that describes one, and a file that was a call before."""
    (tmp_path / "calls.csv").write_text(
        "file,title,date,customer,people\n"
        "2026-05-04 one.wav,Kick-off,,Globex,Gina <gina@globex.com> (them)\n"
        "undated.wav,,never,,\n"
    )
    files = [wav(tmp_path / "2026-05-04 one.wav", 2), wav(tmp_path / "undated.wav", 3)]
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    choose = page.locator("import-drop input[type=file]")
    choose.set_input_files([*files, tmp_path / "calls.csv"])
    described = page.locator("[data-described]")
    expect(described).to_contain_text("Described: 1 of 2.")
    expect(described).to_contain_text("calls.csv, line 3: never is no date")
    assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Import", exact=True).last.click()
    page.wait_for_url(re.compile(r"/imports/$"), timeout=JOB_MS)
    row = page.locator(".import-rows li", has_text="Kick-off")
    expect(row).to_contain_text("Ready", timeout=JOB_MS)
    other = page.locator(".import-rows li", has_text="undated")
    other.get_by_label("Held on").fill("2026-05-05T10:00", timeout=JOB_MS)
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_label("Held on")).to_have_count(0)
    assert barriers_in_both_themes(page) == []

    row.get_by_role("link").click()
    expect(page.locator(".facts")).to_contain_text("4 May")
    page.locator(".facts").get_by_role("link", name="Globex").click()
    expect(page.get_by_role("heading", name="Globex")).to_be_visible()
    expect(page.locator(".contacts").first).to_contain_text("gina@globex.com")
    expect(page.locator("later-part")).to_contain_text("what it left open stands here")
    assert barriers_in_both_themes(page) == []
    for path in ("customers/", "customers/new/", "customers/table/", "not-recorded/"):
        page.goto(f"{server.url}/{path}")
        assert (path, barriers_in_both_themes(page)) == (path, [])

    page.goto(server.url)
    page.locator("[data-import]").click()
    choose.set_input_files([files[0], wav(tmp_path / "three.wav", 4)])
    page.get_by_role("button", name="Import", exact=True).last.click()
    refused = page.locator("[data-refused]")
    expect(refused).to_contain_text(
        "was imported already as “Kick-off”", timeout=JOB_MS
    )
    expect(described).to_have_text("1 of 2 are imported.")
    refused.get_by_role("button", name="anyway").click()
    expect(refused.get_by_role("link", name="Imported")).to_be_visible(timeout=JOB_MS)


def test_what_is_no_recording_is_refused_with_its_reason(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.pdf"
    notes.write_text("these are notes, not sound\n" * 50)
    page = sign_in(browse(), server)
    page.locator("[data-import]").click()
    page.locator("import-drop input[type=file]").set_input_files(notes)
    page.get_by_role("button", name="Import", exact=True).last.click()
    page.wait_for_url(re.compile(r"/calls/\w+/"), timeout=JOB_MS)
    reason = page.locator("[data-work]")
    expect(reason).to_contain_text(
        "notes.pdf is not a sound or video file", timeout=JOB_MS
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
