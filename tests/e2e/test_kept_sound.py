"""What somebody says while their network is away is in the recording afterwards."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from benchmarks.words import normalised
from tests.e2e.conftest import CALL, Browse, Browsers, Server
from tests.e2e.test_call import (
    guest_link,
    join,
    open_meeting,
    sign_in,
    wait_until,
)
from tests.e2e.test_return import BACK_MS, in_call, segments

pytestmark = pytest.mark.e2e

AWAY_MS = 31_000
JOB_MS = 90_000
CLIPBOARD = ["clipboard-read", "clipboard-write"]
KEPT = "What you say is kept here and handed in when you are back"
# Browsers write cookies down every 30 s, or when there are 512 new ones.
MANY_COOKIES: list[Any] = [
    {"name": f"one{n}", "value": "", "url": f"https://{n % 8}.example", "expires": 2e9}
    for n in range(600)
]
PIECES = """async () => {
    const opening = indexedDB.open("earshot-kept", 1);
    const database = await new Promise((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onupgradeneeded = () => reject(new Error("nothing is kept"));
    });
    const counting = database.transaction("pieces").objectStore("pieces").count();
    return new Promise((resolve) => (counting.onsuccess = () =>
        (database.close(), resolve(counting.result))));
}"""


def processes(profile: Path, kind: str = "") -> list[int]:
    """Of the browser with this profile; its own one, or its children of a kind."""
    listed = subprocess.run(
        ["pgrep", "-f", f"user-data-dir={profile}"], capture_output=True, text=True
    )
    found = []
    for pid in map(int, listed.stdout.split()):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            continue
        if kind in words if kind else "--type=" not in words:
            found.append(pid)
    return found


@contextmanager
def no_network(profile: Path) -> Iterator[None]:
    """The process of a browser through which all its packets go stands still."""
    pids = processes(profile, "network.mojom.NetworkService")
    assert len(pids) == 1
    os.kill(pids[0], signal.SIGSTOP)
    try:
        yield
    finally:
        if Path(f"/proc/{pids[0]}").exists():
            os.kill(pids[0], signal.SIGCONT)


def profile(browse: Browse) -> Path:
    """Of the browser that was opened last."""
    assert isinstance(browse, Browsers)
    return browse.profile


def host_with_guest(
    server: Server, browse: Browse, microphone: Path
) -> tuple[Page, Page, str]:
    """A host who only listens, and a recorded guest who speaks; both in the call."""
    host = sign_in(browse(permissions=CLIPBOARD), server)
    code = open_meeting(host)
    link = guest_link(host)
    join(host, "Join unrecorded")
    in_call(host)
    guest = browse(microphone).pages[0]
    guest.goto(link)
    join(guest, "Record me", "Anna")
    in_call(guest)
    return host, guest, code


def end(host: Page) -> None:
    host.get_by_role("button", name="End", exact=True).click()
    host.get_by_role("button", name="End for all").click()
    host.wait_for_url("**/calls/*/**")
    expect(host.locator("[data-work]")).to_be_empty(timeout=JOB_MS)


def sentences(until: float) -> list[str]:
    """What Anna says in her first seconds."""
    script = json.loads((CALL / "call.json").read_text())["utterances"]
    return [
        line["text"]
        for line in script
        if line["speaker"] == "anna" and line["end"] < until
    ]


def assert_all_is_said(server: Server, code: str, until: float) -> None:
    lines = sorted(server.transcript(code), key=lambda line: float(line["start"]))
    heard = normalised(" ".join(line["text"] for line in lines))
    said = normalised(" ".join(sentences(until)))
    assert heard[: len(said)] == said


def test_what_is_said_without_a_network_is_handed_in(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    host, guest, code = host_with_guest(server, browse, microphones["anna"])
    guest.wait_for_timeout(9_000)
    trouble = guest.locator("[data-trouble]")
    with no_network(profile(browse)):
        expect(trouble).to_contain_text(KEPT, timeout=4_500)  # said before it is sure
        expect(guest.locator("[data-rec]")).to_be_hidden()
        guest.wait_for_timeout(AWAY_MS - 3_000)
    in_call(guest)
    expect(trouble).to_be_hidden(timeout=BACK_MS)
    wait_until(lambda: any(s["handed_in"] for s in segments(server)), 30)
    # in the room the words come at the time they were said
    late = host.locator(".captions .line.final", has_text="How many people")
    expect(late).to_be_visible(timeout=30_000)
    times = host.locator(".captions .line time").all_inner_texts()
    assert times == sorted(times)

    end(host)
    assert_all_is_said(server, code, until=40)
    assert striped(host) <= 0.01  # a machine that stumbles loses a blink of it
    first, *_ = sorted(segments(server), key=lambda s: int(s["offset_ms"]))
    handed = min(s["offset_ms"] for s in segments(server) if s["handed_in"])
    assert abs(handed - first["gaps"][-1][0]) <= 60


def striped(page: Page) -> float:
    """The share of the lanes that is drawn as missing."""
    paths = page.locator(".lane .gaps").all()
    drawn = " ".join(path.get_attribute("d") or "" for path in paths)
    return sum(map(int, re.findall(r"h(\d+)", drawn))) / 1000


def test_what_a_browser_kept_is_handed_in_after_it_was_killed(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    host, guest, code = host_with_guest(server, browse, microphones["anna"])
    folder = profile(browse)
    guest.wait_for_timeout(9_000)
    context = guest.context
    context.add_cookies(MANY_COOKIES)
    wait_until(lambda: is_on_disk(folder), 40)
    with no_network(folder):
        expect(guest.locator("[data-trouble]")).to_contain_text(KEPT, timeout=15_000)
        guest.wait_for_timeout(8_000)
        kill(folder, context)
    assert not any(s["handed_in"] for s in segments(server))

    assert isinstance(browse, Browsers)
    again = browse.again(folder).pages[0]
    again.goto(f"{server.url}/room/{code}/")
    said = again.locator("[data-left-behind]")
    expect(said).to_contain_text("is handed in", timeout=60_000)
    wait_until(lambda: any(s["handed_in"] for s in segments(server)))
    assert again.evaluate(PIECES) == 0
    end(host)
    assert_all_is_said(server, code, until=14)


def test_who_comes_back_to_a_call_that_is_over_hands_in(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    host, guest, code = host_with_guest(server, browse, microphones["anna"])
    guest.wait_for_timeout(6_000)
    with no_network(profile(browse)):
        guest.wait_for_timeout(14_000)
        end(host)
    said = guest.locator("[data-left-behind]")
    expect(said).to_contain_text("is handed in", timeout=BACK_MS)
    assert guest.evaluate(PIECES) == 0
    expect(host.locator(".transcript")).to_contain_text("Can you hear me?")
    expect(host.locator("[data-work]")).to_be_empty(timeout=JOB_MS)
    assert_all_is_said(server, code, until=14)
    assert striped(host) <= 0.05


def is_on_disk(profile: Path) -> bool:
    """Who the browser is, and that it keeps something: what a crash leaves of both."""
    cookies = f"file:{profile}/Default/Cookies?immutable=1"  # the browser locks it
    known: list[Any] = []
    reading = closing(sqlite3.connect(cookies, uri=True))
    with suppress(sqlite3.DatabaseError), reading as kept:  # it may write just now
        known += kept.execute("SELECT 1 FROM cookies WHERE name = 'sessionid'")
    logs = (profile / "Default" / "Local Storage" / "leveldb").glob("*.log")
    return bool(known) and any(b"earshot.kept" in log.read_bytes() for log in logs)


def kill(folder: Path, context: BrowserContext) -> None:
    """As a crash does, or the lid of a notebook."""
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(folder))
    with suppress(Error):  # it is gone
        context.close()


def test_a_no_deletes_what_is_kept(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    page = sign_in(browse(microphones["ben"]), server)
    open_meeting(page)
    join(page, "Record me")
    in_call(page)
    wait_until(lambda: page.evaluate(PIECES) > 2)
    page.get_by_role("button", name="You are recorded").click()
    wait_until(lambda: page.evaluate(PIECES) == 0)
    page.wait_for_timeout(2_500)  # longer than a piece takes
    assert page.evaluate(PIECES) == 0


def test_nothing_is_kept_of_who_is_not_recorded(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    page = sign_in(browse(microphones["ben"]), server)
    open_meeting(page)
    join(page, "Join unrecorded")
    in_call(page)
    page.wait_for_timeout(2_500)
    assert page.evaluate("localStorage.getItem('earshot.kept')") is None


def test_a_browser_that_keeps_nothing_says_so(
    server: Server, browse: Browse, microphones: dict[str, Path]
) -> None:
    context = browse(microphones["ben"])
    context.add_init_script("delete window.AudioEncoder")
    page = sign_in(context, server)
    open_meeting(page)
    join(page, "Record me")
    in_call(page)
    trouble = page.locator("[data-trouble]")
    with no_network(profile(browse)):
        expect(trouble).to_contain_text("is not recorded", timeout=15_000)
        expect(trouble).not_to_contain_text("kept")
        expect(page.locator("[data-rec]")).to_be_hidden()
    in_call(page)
