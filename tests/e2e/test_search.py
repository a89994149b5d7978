"""A manager looks for a moment in all calls: quotes that play, chips, filters, help."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import row_of, sign_in, wait_until

pytestmark = pytest.mark.e2e

WORDS = """
from dashboard.search.index import rebuild
from meetings.models import Meeting
from transcription.models import Utterance
meeting = Meeting.objects.get(title__contains="discovery call", recording__isnull=False)
anna, ben = meeting.participants.order_by("pk")[:2]
for person, at, text in (
    (anna, 4000, "Shall we speak about the quokka budget?"),
    (ben, 12000, "The quokka is <b>too</b> dear."),
):
    Utterance.objects.create(
        meeting=meeting, participant=person, text=text, start_ms=at, end_ms=at + 6000,
        language="en",
    )
rebuild(meeting)
print(meeting.code)
"""


def ask(page: Page, text: str) -> None:
    box = page.get_by_role("searchbox", name="Search all calls")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    box.fill(text)
    box.press("Enter")
    page.wait_for_url("**/?q=*")


def plays(page: Page, quote: Locator) -> bool:
    """Whether the sound is inside a quote, and has gone on in it."""
    at = page.evaluate("document.querySelector('quote-player').audio.currentTime")
    begin, end = (int(quote.get_attribute(f"data-{e}") or 0) for e in ("from", "to"))
    return bool(begin / 1000 + 0.05 < at < end / 1000)


def test_a_moment_is_found_and_played_in_place(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    row_of(page, "discovery call")
    code = server.manage("shell", "-c", WORDS).split()[-1]
    ask(page, "quokka side:us,them")
    quotes = page.locator(".quote")
    expect(quotes).to_have_count(2)
    expect(quotes.locator("mark")).to_have_text(["quokka", "quokka"])
    expect(quotes.nth(1)).to_contain_text("<b>too</b>")
    assert barriers_in_both_themes(page) == []

    first, second = (quotes.nth(n).locator("[data-play]") for n in (0, 1))
    address = page.url
    first.click()
    expect(first).to_have_attribute("data-on", "true")
    wait_until(lambda: plays(page, first))
    second.press("Enter")
    expect(first).to_have_attribute("data-on", "false")
    wait_until(lambda: plays(page, second))
    expect(quotes.nth(1).get_by_role("progressbar")).to_be_visible()
    second.press("Space")
    expect(second).to_have_attribute("data-on", "false")
    assert page.url == address
    end = int(second.get_attribute("data-to") or 0) / 1000
    page.evaluate(f"document.querySelector('quote-player').audio.currentTime = {end}")
    second.click()  # once more from its beginning
    wait_until(lambda: plays(page, second))
    page.evaluate(
        f"document.querySelector('quote-player').audio.currentTime = {end - 0.1}"
    )
    expect(second).to_have_attribute("data-on", "false")

    page.locator(".chips").get_by_role("link", name="Remove side:us,them").click()
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_have_value("quokka")
    page.locator(".filters summary", has_text="Date").click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator(".chips li")).to_have_text([re.compile("from:7d")])
    quotes.nth(0).get_by_role("link").click()
    page.wait_for_url(f"**/calls/{code}/#t=*")


def test_the_list_is_filtered_on_a_phone(server: Server, browse: Browse) -> None:
    page = sign_in(browse(viewport=PHONE), server)
    row_of(page, "discovery call")
    page.get_by_role("link", name="Mine").click()
    page.wait_for_url("**/?q=owner%3Ame")
    expect(page.locator(".meeting").first).to_be_visible()
    for name in ("Person", "State"):
        page.locator(".filters summary", has_text=name).click()
        sheet = page.locator(".filters details[open] .sheet")
        box = sheet.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        page.keyboard.press("Escape")
    page.get_by_text("How to search").click()
    expect(page.get_by_text("who says it")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert barriers_in_both_themes(page) == []
    page.get_by_role("link", name="Live", exact=True).click()
    page.wait_for_url("**/?q=is%3Alive")
    page.goto(f"{server.url}/?q=title:quoll+is:imported")
    expect(page.get_by_text("No call is so.")).to_be_visible()
