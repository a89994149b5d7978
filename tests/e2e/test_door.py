"""A host at the door: puts one person out, lets them in again, shuts it."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, sign_in
from tests.e2e.test_return import in_call, names

pytestmark = pytest.mark.e2e


def sure(page: Page, word: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=word).click()


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

    rep.locator(".people-menu summary").click()
    expect(rep.get_by_role("button", name="Remove", exact=False)).to_have_count(2)
    rep.get_by_role("button", name="Remove Ben").click()
    sure(rep, "Cancel")
    expect(rep.locator(".tile")).to_have_count(3)
    rep.get_by_role("button", name="Remove Ben").click()
    sure(rep, "Remove")
    expect(ben.locator("[data-trouble]")).to_contain_text("can no longer be in")
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
        expect(page.locator("[data-trouble]")).to_contain_text("can no longer be in")
    expect(rep.locator(".tile")).to_have_count(1)
