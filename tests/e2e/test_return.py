"""People come back: after a reload, a lost network, a killed server."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import (
    final_captions,
    guest_link,
    join,
    open_meeting,
    seconds,
    sign_in,
    wait_until,
)

pytestmark = pytest.mark.e2e

BACK_MS = 60_000  # a busy machine starts a killed server again


def in_call(page: Page) -> None:
    expect(page.locator("[data-room][data-state=live]")).to_be_visible(timeout=BACK_MS)


def names(page: Page) -> list[str]:
    tiles = page.locator(".tile .tile-name").all_inner_texts()
    return sorted(re.sub(r" \(you\)$", "", name) for name in tiles)


def clock_seconds(page: Page) -> int:
    return seconds(page.locator("[data-clock]").inner_text())


def segments(server: Server) -> list[dict[str, Any]]:
    """Of the newest call, as its manifest has them last."""
    folder = Path(server.env["DATA_DIR"]) / "recordings"
    calls = [path for path in folder.iterdir() if path.name.isdigit()]
    newest = max(calls, key=lambda path: int(path.name))
    lines = (newest / "manifest.jsonl").read_text().splitlines()
    told = map(json.loads, filter(None, lines))
    return list({s["id"]: s for s in told if "id" in s}.values())


def recorded(server: Server) -> list[str]:
    """The files of the newest call that were written while it was spoken."""
    return [s["file"] for s in segments(server) if not s["handed_in"]]


def test_people_come_back_on_the_same_clock(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    rep_context = browse(
        microphones["anna"], permissions=["clipboard-read", "clipboard-write"]
    )
    rep = sign_in(rep_context, server)
    code = open_meeting(rep)
    link = guest_link(rep)
    guest = browse(microphones["ben"]).pages[0]
    guest.goto(link)
    join(guest, "Record me", "Ben")
    join(rep, "Record me")
    in_call(rep)
    in_call(guest)
    expect(rep.locator(".captions .line.final").first).to_be_visible(timeout=BACK_MS)

    guest.reload()
    in_call(guest)
    wait_until(lambda: len(names(rep)) == 2 and names(rep) == names(guest))

    before = clock_seconds(rep)
    lines = rep.locator(".captions .line.final").count()
    files = len(recorded(server))
    os.kill(server.pid_of("calls"), signal.SIGKILL)
    # both are heard again: until they notice, their pages look as before
    wait_until(lambda: len(recorded(server)) == files + 2, seconds=60)
    in_call(rep)
    in_call(guest)
    wait_until(lambda: len(names(rep)) == 2, seconds=30)
    assert clock_seconds(rep) >= before
    assert rep.locator(".captions .line.final").count() >= lines
    # a microphone's file begins again with its page: Ben speaks after 8 s
    wait_until(lambda: len(final_captions(rep)) == 2, seconds=60)

    rep.get_by_role("button", name="End", exact=True).click()
    rep.get_by_role("button", name="End for all").click()
    rep.wait_for_url("**/calls/*/**")
    expect(rep.locator("[data-work]")).to_be_empty(timeout=90_000)
    said = server.transcript(code)
    assert len({line["speaker"] for line in said}) == 2
    assert len(recorded(server)) >= 4  # two people, before and after
