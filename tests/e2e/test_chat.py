"""People write to each other in a call, and it is kept with the call."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import (
    JOB_MS,
    guest_link,
    join,
    open_meeting,
    position,
    screenshot,
    seconds,
    sign_in,
    wait_until,
)
from tests.e2e.test_kept_sound import no_network, profile
from tests.e2e.test_return import BACK_MS, in_call

pytestmark = pytest.mark.e2e

LINK = "https://example.com/prices"


def write(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def written(page: Page) -> list[str]:
    return page.locator(".chat-line [data-text]").all_inner_texts()


def test_people_write_to_each_other(server: Server, browse: Browse) -> None:
    host = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(host)
    link = guest_link(host)
    join(host, "Record me")
    guest = browse(own=True, viewport=PHONE, has_touch=True).pages[0]
    folder = profile(browse)
    guest.goto(link)
    join(guest, "Join unrecorded", "Ben")
    for page in (host, guest):
        in_call(page)

    # A phone writes, and the host is told beside the captions.
    guest.get_by_role("button", name="More").click()
    guest.get_by_role("button", name="Chat").click()
    write(guest, f"Prices: {LINK}.\n<b>not bold</b>")
    tab = host.get_by_role("tab", name="Chat")
    expect(tab).to_contain_text("1 unread")
    expect(host.locator("[data-chat-announce]")).to_contain_text("Ben writes: Prices")
    tab.click()
    expect(tab.locator("[data-unread]")).to_be_hidden()
    anchor = host.locator(".chat-line a")
    expect(anchor).to_have_attribute("href", LINK)
    expect(anchor).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert written(host) == [f"Prices: {LINK}.\n<b>not bold</b>"]
    host.get_by_label("Message").press("Shift+Enter")
    write(host, "Thanks")
    expect(guest.locator(".chat-line")).to_have_count(2)
    for page, name in ((host, "desktop"), (guest, "phone")):
        screenshot(page, f"chat-{name}")
        assert barriers_in_both_themes(page) == []
    assert guest.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # What is said without a network says so, and is there once in the end.
    with no_network(folder):
        write(guest, "Are you there?")
        unsent = guest.get_by_text("Not sent", exact=False).first
        expect(unsent).to_be_visible(timeout=BACK_MS)
        screenshot(guest, "chat-unsent")
    in_call(guest)
    again = guest.get_by_role("button", name="Send again")
    arrived = host.locator(".chat-line", has_text="Are you there?")
    wait_until(lambda: again.is_visible() or arrived.is_visible())
    if not arrived.is_visible():
        again.click()
    expect(host.locator(".chat-line")).to_have_count(3)
    expect(again).to_be_hidden()
    assert written(guest) == written(host)

    # Who reloads, or comes later, reads it from its start.
    guest.reload()
    in_call(guest)
    late = browse().pages[0]
    late.goto(link)
    join(late, "Join unrecorded", "Carol")
    in_call(late)
    expect(late.get_by_role("tab", name="Chat")).to_contain_text("3 unread")
    assert written(late) == written(guest) == written(host)

    host.get_by_role("button", name="End", exact=True).click()
    host.get_by_role("button", name="End for all").click()
    host.wait_for_url("**/calls/*/**")
    host.get_by_role("tab", name="Chat").click()
    chat = host.locator(".written li")
    expect(chat).to_have_count(3)
    expect(chat.first).to_contain_text("Ben")
    expect(host.locator("[data-playhead]")).to_be_attached(timeout=JOB_MS)
    host.get_by_role("tab", name="Chat").click()
    last = chat.last.get_by_role("link", name="Play from")
    at = seconds(last.inner_text())
    last.click()
    wait_until(lambda: position(host) >= at > 1)
    screenshot(host, "chat-review")
    assert barriers_in_both_themes(host) == []
    host.set_viewport_size(PHONE)
    host.get_by_text("Brief, statistics, trackers, chat, people").click()
    expect(chat.first).to_be_visible()
    assert host.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    host.set_viewport_size(DESKTOP)
