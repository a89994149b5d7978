"""The last host goes: what the room, the lobby and the list of meetings offer."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import join, open_meeting, sign_in

pytestmark = pytest.mark.e2e


def press(page: Page, name: str, exact: bool = True) -> None:
    page.get_by_role("button", name=name, exact=exact).click()


def test_the_last_host_is_asked_and_can_end_the_call_later(
    server: Server, browse: Browse
) -> None:
    page = sign_in(browse(), server)
    code = open_meeting(page)
    join(page, "Join unrecorded")
    expect(page.locator("[data-room][data-state=live]")).to_be_visible()

    press(page, "Leave")
    expect(page.get_by_role("dialog")).to_contain_text("Nobody else is here")
    press(page, "Stay")
    expect(page.locator("[data-room][data-state=live]")).to_be_visible()
    press(page, "Leave")
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    page.wait_for_url(f"**/room/{code}/")

    press(page, "End call", exact=False)
    expect(page.get_by_role("dialog")).to_contain_text("for everybody?")
    press(page, "Cancel")
    expect(page).to_have_url(f"{server.url}/room/{code}/")

    page.goto(server.url)
    row = page.locator(f"#meeting-{code}")
    row.get_by_role("button", name="End call").click()
    replaced = row.element_handle()
    page.wait_for_function("row => !row.isConnected", arg=replaced)
    press(page, "End for all")
    page.wait_for_url(f"**/calls/{code}/")
