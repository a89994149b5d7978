"""A host at the door: puts one person out, lets them in again, shuts it."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, sign_in
from tests.e2e.test_return import in_call, names

pytestmark = pytest.mark.e2e


def sure(page: Page, word: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=word).click()


def is_out(page: Page) -> None:
    """A guest who was put out stands on a page that says so, not in a dead room."""
    heading = page.get_by_role("heading")
    expect(heading).to_have_text("You can no longer be in this call")
    expect(page.locator("[data-room]")).to_be_hidden()
    media = "[...document.querySelectorAll('audio, video')].filter(one => one.srcObject"
    assert page.evaluate(f"{media} && one.srcObject.active).length") == 0


def test_a_host_removes_one_person_and_lets_them_in_again(
    server: Server, browse: Browse
) -> None:
    rep = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(rep)
    link = guest_link(rep)
    join(rep, "Join unrecorded")
    pages = []
    for name in ("Ben", "Carol"):
        page = browse().pages[0]
        page.goto(link)
        join(page, "Join unrecorded", name)
        in_call(page)
        pages.append(page)
    ben, carol = pages
    expect(rep.locator(".tile")).to_have_count(3)

    rep.get_by_label("Title of the call").fill("Globex renewal")
    rep.keyboard.press("Enter")
    for page in pages:
        expect(page.locator(".room-title")).to_have_text("Globex renewal")
        expect(page).to_have_title("Globex renewal · Earshot")

    rep.get_by_role("tab", name="People").click()
    rep.get_by_role("button", name="Mute Ben").click()
    muted = ben.get_by_text("muted you. Unmute to speak.")
    expect(muted).to_be_visible()
    expect(rep.get_by_role("button", name="Mute Ben")).to_be_hidden()
    ben.get_by_role("button", name="Unmute").click()
    expect(muted).to_be_hidden()
    expect(rep.get_by_role("button", name="Mute Ben")).to_be_visible()
    expect(rep.get_by_role("button", name="Remove", exact=False)).to_have_count(2)
    rep.get_by_role("button", name="Remove Ben").click()
    sure(rep, "Cancel")
    expect(rep.locator(".tile")).to_have_count(3)
    rep.get_by_role("button", name="Remove Ben").click()
    sure(rep, "Remove")
    is_out(ben)
    expect(rep.locator(".tile")).to_have_count(2)
    assert "Ben" not in names(rep)
    in_call(carol)
    ben.goto(link)
    expect(ben.get_by_role("heading")).to_contain_text("does not open a call")

    rep.get_by_role("button", name="Let Ben in again").click()
    expect(rep.locator("[data-removed] li")).to_have_count(0)
    room = carol.url
    ben.goto(room)
    in_call(ben)

    rep.get_by_role("button", name="Put all guests out").click()
    sure(rep, "Put all out")
    for page in pages:
        is_out(page)
    expect(rep.locator(".tile")).to_have_count(1)
