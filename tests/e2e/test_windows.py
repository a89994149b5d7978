"""One person, two windows: the second asks, and nobody is left in a dead room."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, sign_in
from tests.e2e.test_return import in_call

pytestmark = pytest.mark.e2e


def is_out(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading")).to_have_text(heading)
    expect(page.get_by_role("heading")).to_be_focused()
    expect(page.locator("[data-room]")).to_be_hidden()


def test_a_second_window_asks_before_it_takes_the_place_of_the_first(
    server: Server, browse: Browse
) -> None:
    context = browse()
    first = sign_in(context, server)
    open_meeting(first)
    join(first, "Join unrecorded")
    in_call(first)

    second = context.new_page()
    second.goto(first.url)
    is_out(second, "You are in this call in another window")
    in_call(first)

    second.get_by_role("link", name="Use here").click()
    in_call(second)
    is_out(first, "You went on in another window")
    assert "here" not in second.url  # a reload asks anew

    first.get_by_role("main").get_by_role("link", name="Meetings").click()
    expect(first.get_by_role("heading", name="Meetings")).to_be_visible()


def test_a_reload_comes_back_without_a_question(server: Server, browse: Browse) -> None:
    context = browse(permissions=["clipboard-read", "clipboard-write"])
    rep = sign_in(context, server)
    open_meeting(rep)
    guest = browse().pages[0]
    guest.goto(guest_link(rep))
    join(guest, "Join unrecorded", "Ben")
    in_call(guest)
    guest.reload()
    in_call(guest)
