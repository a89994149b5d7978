"""A tracker is made, seen to find something, and heard on the page of the call."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import position, sign_in, wait_until

pytestmark = pytest.mark.e2e

NARROW = ViewportSize(width=320, height=640)


def is_wide_as_its_window(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    )


def test_a_manager_tracks_what_is_said(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    page.get_by_role("navigation").get_by_role("link", name="Trackers").click()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Add Pricing").click()
    expect(page.get_by_role("heading", name="Pricing")).to_be_visible()
    page.get_by_role("link", name="Trackers").last.click()
    expect(page.get_by_role("button", name="Add Pricing")).to_have_count(0)

    page.get_by_role("link", name="New tracker").click()
    page.get_by_label("Name", exact=True).fill("Size of the team")
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("Enter a phrase to look for.")
    page.get_by_label("Phrases, Any language").fill("sales team\nzyzzyva")
    expect(preview.locator("mark").first).to_have_text("sales team")
    assert barriers_in_both_themes(page) == []
    page.get_by_label("Said by").select_option("One person")
    page.get_by_label("Their name").fill("Nobody of this name")
    expect(preview).to_contain_text("Nobody said this")
    for size in (PHONE, NARROW):
        page.set_viewport_size(size)
        assert is_wide_as_its_window(page)
        assert barriers_in_both_themes(page) == []
    page.set_viewport_size(DESKTOP)
    page.get_by_label("Said by").select_option("Anyone")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Size of the team")).to_be_visible()
    done = page.get_by_role("link", name="Show all hits").or_(page.locator(".hit"))
    expect(done.first).to_be_visible(timeout=30_000)
    page.reload()
    page.get_by_label("Tell me of new hits").select_option("In Earshot")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You will hear of new hits.")).to_be_visible()
    assert barriers_in_both_themes(page) == []

    page.locator(".hit .play").first.click()
    page.wait_for_url("**/calls/*/**")
    page.get_by_role("tab", name="Trackers").click()
    panel = page.get_by_role("tabpanel", name="Trackers")
    expect(panel).to_contain_text("Size of the team")
    assert barriers_in_both_themes(page) == []
    panel.locator("a.figure").last.click()
    wait_until(lambda: position(page) > 10)


def test_a_search_is_saved_and_found_again(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    page.get_by_label("Search all calls").fill("sales team by:customer")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_text("is saved, under Trackers")).to_be_visible()
    saved = page.locator("details.saved")
    page.set_viewport_size(NARROW)
    page.goto(server.url)
    saved.locator("summary").click()
    assert is_wide_as_its_window(page)
    assert barriers_in_both_themes(page) == []
    saved.get_by_role("link", name="sales team by:customer").click()
    expect(page.get_by_label("Search all calls")).to_have_value(
        "sales team by:customer"
    )
