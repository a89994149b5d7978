"""A host on a phone: the room at the narrowest width."""

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import join, open_meeting, sign_in

pytestmark = pytest.mark.e2e

NARROW = ViewportSize(width=320, height=568)


def outside(page: Page, pressed: Locator) -> list[str]:
    """Names of buttons that a finger cannot reach."""
    boxes = [(one.inner_text(), one.bounding_box()) for one in pressed.all()]
    seen = [(name, box) for name, box in boxes if box]
    assert seen
    return [
        name
        for name, box in seen
        if box["x"] < 0
        or box["x"] + box["width"] > NARROW["width"]
        or box["y"] + box["height"] > NARROW["height"]
    ]


def test_a_host_reaches_everything_at_320_pixels(
    server: Server, browse: Browse
) -> None:
    may = ["clipboard-read", "clipboard-write"]
    phone = browse(viewport=NARROW, has_touch=True, permissions=may)
    page = sign_in(phone, server)
    open_meeting(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    join(page, "Record me")
    expect(page.locator("[data-rec]")).to_be_visible()
    buttons = page.locator("button:visible, .room-bar input:visible")
    assert outside(page, buttons) == []
    more = page.get_by_role("button", name="More")
    more.click()
    assert outside(page, page.locator(".more :is(button, input):visible")) == []
    page.get_by_role("button", name="Copy guest link").click()
    expect(page.locator(".more [data-said]")).to_have_text("Link copied")
    page.get_by_role("button", name="People").click()
    expect(page.get_by_role("button", name="Withdraw guest links")).to_be_visible()
    assert outside(page, page.locator(".panel button:visible")) == []
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_role("button", name="End for all").click()
    page.wait_for_url("**/calls/*/**")
