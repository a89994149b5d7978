"""A rep goes through the brief of a call: changes it in place, and takes it along."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import row_of, sign_in

pytestmark = pytest.mark.e2e


def section(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.locator("brief-lines section").filter(has=heading)


def test_a_brief_is_changed_in_place_and_copied(server: Server, browse: Browse) -> None:
    page = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    row_of(page, "discovery call").get_by_role("link").first.click()
    steps = section(page, "Next steps")
    first = steps.get_by_role("listitem").first
    first.get_by_title("Change").click()
    expect(first.get_by_role("button", name="Take out")).to_be_visible()
    assert barriers_in_both_themes(page) == []
    first.get_by_label("Text", exact=True).fill("Send the <b>offer</b> by Friday")
    first.get_by_role("button", name="Save").click()
    expect(first).to_contain_text("Send the <b>offer</b> by Friday")
    expect(first.get_by_title("Change")).to_be_focused()
    first.get_by_role("checkbox").click()
    expect(first.get_by_role("checkbox")).to_be_checked()

    page.get_by_text("Add a note").click()
    page.get_by_label("Note", exact=True).fill("Ask Ben about the budget")
    page.keyboard.press("Enter")
    note = section(page, "Notes").get_by_role("listitem").first
    expect(note).to_contain_text("Ask Ben about the budget")

    page.get_by_role("button", name="Copy the brief").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[done]" in copied and "- Ask Ben about the budget" in copied

    page.reload()
    expect(first).to_contain_text("Send the <b>offer</b> by Friday")
    page.set_viewport_size(PHONE)
    page.reload()
    page.locator("[data-panel] > summary").click()
    note.get_by_title("Change").click()
    note.get_by_role("button", name="Take out").click()
    expect(page.get_by_text("1 taken out")).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.get_by_text("1 taken out").click()
    page.get_by_role("button", name="Put back: Ask Ben").click()
    expect(note).to_contain_text("Ask Ben about the budget")
