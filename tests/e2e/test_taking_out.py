"""A manager takes a call out, has it heard again, and reads what that changed."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import row_of, sign_in

pytestmark = pytest.mark.e2e

OTHER_WORDS = """
from transcription.models import EarlierLine
line = EarlierLine.objects.order_by("start_ms").first()
line.text = "Quack " + line.text
line.model = "small 12345678"
line.save()
"""


def test_a_call_is_taken_out_and_heard_again(server: Server, browse: Browse) -> None:
    server.wait_done()
    page = sign_in(browse(), server)
    row_of(page, "discovery call").locator(".what a").click()
    page.locator(".downloads summary").click()
    page.get_by_role("button", name="Everything, ZIP").click()
    expect(page).to_have_url(f"{server.url}/exports/")
    ready = page.get_by_role("link", name="Download 2")
    expect(ready).to_be_visible(timeout=30_000)  # without a reload
    with page.expect_download() as download:
        ready.click()
    with zipfile.ZipFile(download.value.path()) as made:
        assert made.testzip() is None
        assert [n for n in made.namelist() if n.endswith("sound/everybody.m4a")]
    assert barriers_in_both_themes(page) == []
    page.get_by_label("What a search finds").check()
    expect(page.get_by_label("Words of the search")).to_be_visible()
    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    hear_all_again(server, page)


def hear_all_again(server: Server, page: Page) -> None:
    page.locator(".account summary").click()
    page.get_by_role("link", name="Hear calls again").click()
    page.get_by_label("What a search finds").check()
    page.get_by_label("Words of the search").fill("title:discovery")
    page.get_by_role("button", name="Hear them again").click()
    expect(page.get_by_text(re.compile(r"Done: (\d+) of \1"))).to_be_visible(
        timeout=120_000
    )
    assert barriers_in_both_themes(page) == []
    server.manage("shell", "--no-imports", "-c", OTHER_WORDS)
    page.goto(server.url)
    row_of(page, "discovery call").locator("summary").click()
    page.get_by_role("link", name="What the last pass changed").first.click()
    expect(page.locator("del", has_text="Quack")).to_be_visible()
    expect(page.get_by_text("small 12345678")).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.set_viewport_size(PHONE)
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
    assert barriers_in_both_themes(page) == []
