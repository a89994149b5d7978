"""The live pages for people who use a keyboard, a screen reader or strong contrast."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers, barriers_in_both_themes
from tests.e2e.conftest import DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, sign_in
from tests.e2e.test_return import in_call

pytestmark = pytest.mark.e2e


def test_it_would_notice_a_barrier(server: Server, browse: Browse) -> None:
    page = browse().pages[0]
    page.goto(f"{server.url}/accounts/login/")
    assert barriers(page) == []
    page.evaluate("document.querySelector('main button').textContent = ''")
    assert ["button-name" in one for one in barriers(page)] == [True]


def test_before_the_room_nothing_keeps_people_out(
    server: Server, browse: Browse
) -> None:
    rep = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(rep)
    guest = browse().pages[0]
    guest.goto(guest_link(rep))
    for page in (rep, guest):
        page.get_by_role("button", name="Test microphone and camera").click()
        expect(page.locator("[data-said=camera]")).not_to_be_empty()
        assert barriers_in_both_themes(page) == []


def test_in_the_room_nothing_keeps_people_out(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    open_meeting(page)
    join(page, "Record me")
    in_call(page)
    for tab in ("People", "Captions"):
        page.get_by_role("tab", name=tab).click()
        assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Settings").click()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Done").click()
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="More").click()
    assert barriers_in_both_themes(page) == []
    page.set_viewport_size(DESKTOP)


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_room_is_run_by_keys(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    open_meeting(page)
    join(page, "Join unrecorded")
    in_call(page)
    pressed(page, "m")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    page.get_by_role("tab", name="Captions").focus()
    pressed(page, "ArrowRight")
    expect(page.get_by_role("tab", name="People")).to_be_focused()
    expect(page.get_by_role("list", name="People in the call")).to_be_visible()
    title = page.get_by_label("Title of the call")
    title.focus()
    page.keyboard.type("Monthly cm")  # no keys of the room while one types
    pressed(page, "Enter")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    expect(page.locator("call-title [data-said]")).to_have_text("Title saved")
    expect(page).to_have_title("Monthly cm · Earshot")
    title.fill("Something else")
    pressed(page, "Escape")
    expect(title).to_have_value("Monthly cm")
