"""Guests wait at the door; a host lets them in, also from a phone."""

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, screenshot, sign_in
from tests.e2e.test_return import in_call

pytestmark = pytest.mark.e2e


def knock(browse: Browse, link: str, name: str) -> Page:
    page = browse(viewport=PHONE, has_touch=True).pages[0]
    page.goto(link)
    expect(page.get_by_text("The host lets you in")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join unrecorded").click()
    page.wait_for_url("**/waiting/")
    expect(page.get_by_role("heading")).to_have_text("You wait to be let in")
    return page


def test_a_host_lets_guests_in(server: Server, browse: Browse) -> None:
    may = ["clipboard-read", "clipboard-write"]
    host = sign_in(browse(viewport=PHONE, has_touch=True, permissions=may), server)
    open_meeting(host)
    link = guest_link(host)
    host.get_by_label("Guests wait until I let them in").check()
    expect(host.get_by_text("Guests wait.", exact=True)).to_be_visible()
    screenshot(host, "waiting-lobby")

    ben = knock(browse, link, "Ben")
    expect(ben.get_by_text("The host is not in the call yet")).to_be_visible()
    join(host, "Join unrecorded")
    in_call(host)
    line = host.locator("[data-knocks]")
    expect(line).to_contain_text("Ben waits to be let in.")
    expect(ben.get_by_text("The host sees that you are here.")).to_be_visible()
    for page, name in ((host, "host"), (ben, "guest")):
        screenshot(page, f"waiting-{name}")
        assert barriers_in_both_themes(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]

    # Who waits is in rows: no process that dies forgets them, or lets them in.
    for process in ("pages", "calls"):
        os.kill(server.pid_of(process), signal.SIGKILL)
    server.wait_ready()
    in_call(host)
    expect(ben.get_by_text("The host sees that you are here.")).to_be_visible()
    expect(host.locator(".tile")).to_have_count(1)
    line.get_by_role("button", name="Let in").click()
    in_call(ben)
    expect(line).to_be_hidden()
    expect(host.locator(".tile")).to_have_count(2)

    carol, dora = (knock(browse, link, name) for name in ("Carol", "Dora"))
    expect(line).to_contain_text("Carol and Dora wait to be let in.")
    line.get_by_role("button", name="See who").click()
    screenshot(host, "waiting-people")
    assert barriers_in_both_themes(host) == []
    host.get_by_role("button", name="Refuse Carol").click()
    expect(carol.get_by_role("heading")).to_have_text("The host did not let you in")
    host.get_by_role("button", name="Let in Dora").click()
    in_call(dora)
    host.get_by_role("button", name="Let in Carol").click()
    in_call(carol)
    expect(host.locator(".tile")).to_have_count(4)

    # Who was in comes back by themselves; without the waiting room all do.
    ben.reload()
    in_call(ben)
    frank = knock(browse, link, "Frank")
    expect(line).to_contain_text("Frank waits to be let in.")
    frank.close()
    expect(line).to_be_hidden()
    erin = knock(browse, link, "Erin")
    host.get_by_label("Guests wait until I let them in").uncheck()
    in_call(erin)
