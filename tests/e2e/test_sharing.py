"""People show each other their screens; Chromium's fake one stands for a real one."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import CHROMIUM, DESKTOP, FLAGS, PHONE, Browsers, Server
from tests.e2e.test_call import (
    guest_link,
    join,
    open_meeting,
    screenshot,
    sign_in,
    wait_until,
)

pytestmark = pytest.mark.e2e

# Keeps what getDisplayMedia gave, so that a test can press the browser's own "Stop".
KEEP_SCREEN = """
const open = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getDisplayMedia = async (options) =>
  (window.screenStream = await open(options));
"""
FRAMES = (
    "document.querySelector('.screen video').getVideoPlaybackQuality().totalVideoFrames"
)


@dataclass
class People:
    """A host and a guest in one call, and a phone that looks on."""

    host: Page
    guest: Page
    phone: Page


@pytest.fixture
def people(server: Server, playwright: Playwright, tmp_path: Path) -> Iterator[People]:
    with Browsers(playwright, tmp_path) as browse:
        host = sign_in(
            browse(permissions=["clipboard-read", "clipboard-write"]), server
        )
        host.context.add_init_script(KEEP_SCREEN)
        open_meeting(host)
        link = guest_link(host)
        others = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=FLAGS
        )
        browse.callback(others.close)
        guest = others.new_context(viewport=DESKTOP).new_page()
        guest.context.add_init_script(KEEP_SCREEN)
        phone = others.new_context(viewport=PHONE, has_touch=True).new_page()
        join(host, "Record me")
        for page, name in ((guest, "Ben"), (phone, "Carol")):
            page.goto(link)
            join(page, "Record me", name)
        for page in (host, guest, phone):
            expect(page.locator(".tile")).to_have_count(3)
            expect(page.locator("[data-room]")).to_have_attribute("data-state", "live")
        yield People(host, guest, phone)


def share(page: Page) -> None:
    page.get_by_role("button", name="Share screen").click()


def sees(page: Page, whose: str) -> None:
    """Wait until somebody's screen moves in a browser."""
    expect(page.locator("[data-screen-name]")).to_have_text(whose)
    expect(page.locator(".screen video")).to_be_visible(timeout=30_000)
    before = page.evaluate(FRAMES)
    wait_until(lambda: page.evaluate(FRAMES) > before + 3, 20)


def test_everybody_sees_a_guests_screen(people: People) -> None:
    share(people.guest)
    expect(people.guest.locator("[data-own-screen]")).to_be_visible()
    sees(people.host, "Ben")
    sees(people.phone, "Ben")
    screenshot(people.host, "share-desktop")
    screenshot(people.guest, "share-own")
    screenshot(people.phone, "share-phone")
    box = people.phone.locator(".screen").bounding_box()
    tile = people.phone.locator(".tile").first.bounding_box()
    assert barriers_in_both_themes(people.host) == []
    assert box and tile
    assert (box["x"], box["width"]) == (0, 390)
    assert tile["y"] >= box["y"] + box["height"]
    assert people.phone.evaluate("document.documentElement.scrollWidth") <= 390
    people.guest.get_by_role("button", name="Stop sharing").first.click()
    expect(people.host.locator("[data-screen]")).to_be_hidden()
    expect(people.guest.locator("[data-own-screen]")).to_be_hidden()
    share(people.guest)
    sees(people.host, "Ben")


def test_a_screen_is_taken_over_with_a_question(people: People) -> None:
    share(people.guest)
    sees(people.host, "Ben")
    share(people.host)
    question = people.host.get_by_role("dialog")
    expect(question).to_contain_text("Ben is sharing. Share yours instead?")
    question.get_by_role("button", name="Cancel").click()
    expect(people.host.locator("[data-screen-name]")).to_have_text("Ben")
    share(people.host)
    question.get_by_role("button", name="Share mine").click()
    expect(people.guest.locator("[data-own-screen]")).to_be_hidden()
    expect(people.guest.locator("[data-trouble]")).to_contain_text("shares now")
    host = people.host.locator(".self .tile-name").inner_text().removesuffix(" (you)")
    sees(people.guest, host)
    sees(people.phone, host)


def test_the_browsers_own_stop_ends_it(people: People) -> None:
    share(people.guest)
    sees(people.host, "Ben")
    people.guest.evaluate(
        "screenStream.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(people.host.locator("[data-screen]")).to_be_hidden()
    expect(people.guest.get_by_role("button", name="Share screen")).to_be_visible()


def test_a_screen_goes_on_after_the_call_was_away(
    server: Server, people: People
) -> None:
    share(people.guest)
    sees(people.host, "Ben")
    os.kill(server.pid_of("calls"), signal.SIGKILL)
    room = people.host.locator("[data-room]")  # it is away for a second or two
    wait_until(lambda: room.get_attribute("data-state") != "live")
    expect(people.host.locator("[data-room]")).to_have_attribute(
        "data-state", "live", timeout=60_000
    )
    sees(people.host, "Ben")
    expect(people.guest.locator("[data-own-screen]")).to_be_visible()


STEP = """(source) => {
  const element = document.querySelector(`[data-source="${source}"]`);
  const audio = document.querySelector("review-player audio");
  const video = element.querySelector("video");
  const at = audio.currentTime - element.dataset.start / 1000;
  return {
    off: Math.abs(video.currentTime - at),
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
  };
}"""


def go_to(page: Page, source: str, seconds: float) -> None:
    """Play from so far into the time in which a picture is shown."""
    page.evaluate(
        """([source, seconds]) => {
          const shown = document.querySelector("[data-source=screen]");
          const { start = 0, end } = shown?.dataset ?? {};
          const from = source === "camera" ? end : start; // cameras come after it
          const detail = { seconds: from / 1000 + seconds, play: true };
          document.dispatchEvent(new CustomEvent("seek", { detail }));
        }""",
        [source, seconds],
    )


def in_step(page: Page, source: str, before: dict[str, float]) -> bool:
    now = page.evaluate(STEP, source)
    return bool(now["frames"] > before["frames"] + 3 and now["off"] < 0.5)


def test_what_was_shown_is_seen_again_in_step_with_the_sound(
    server: Server, people: People
) -> None:
    host, guest = people.host, people.guest
    guest.get_by_role("button", name="Camera on").click()
    share(guest)
    sees(host, "Ben")
    host.wait_for_timeout(8_000)
    guest.get_by_role("button", name="Stop sharing").first.click()
    host.wait_for_timeout(9_000)
    host.get_by_role("button", name="End", exact=True).click()
    host.get_by_role("button", name="End for all").click()
    host.wait_for_url("**/calls/*/**")
    expect(host.locator("review-player audio")).to_be_attached(timeout=90_000)
    for source, name in (("screen", "Screen of Ben"), ("camera", "Ben")):
        go_to(host, source, 1.0)
        shown = host.locator(f"[data-source={source}]")
        expect(shown).to_be_visible()
        expect(shown).to_have_text(name)
        wait_until(partial(in_step, host, source, host.evaluate(STEP, source)), 20)
        host.wait_for_timeout(300)  # what is counted is painted a little later
        screenshot(host, f"review-{source}")
    host.locator(".downloads > summary").click()
    link = host.get_by_role("link", name="shared screen")
    screenshot(host, "review-videos")
    with host.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith("Ben, shared screen.webm")
    host.get_by_role("button", name="Make an MP4").first.click()
    assert barriers_in_both_themes(host) == []
    host.set_viewport_size({"width": 390, "height": 844})
    host.keyboard.press("Escape")
    go_to(host, "screen", 1.0)
    expect(host.locator("[data-source=screen]")).to_be_visible()
    assert host.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(host, "review-video-phone")
    host.set_viewport_size(DESKTOP)
    server.wait_done()
    host.reload()  # a page that plays keeps what it plays
    go_to(host, "film", 1.0)
    wait_until(partial(in_step, host, "film", host.evaluate(STEP, "film")), 20)
    screenshot(host, "review-film")
    host.locator(".downloads > summary").click()
    downloads = [("Video of everybody", ".mp4"), ("Ben, sound$", "Ben.m4a")]
    downloads.append(("The same as MP4", "Ben, camera.mp4"))
    for name, ends in downloads:
        with host.expect_download() as download:
            host.get_by_role("link", name=re.compile(name)).click()
        assert download.value.suggested_filename.endswith(ends)


def test_a_browser_without_a_screen_to_share_shows_no_button(
    server: Server, playwright: Playwright, tmp_path: Path
) -> None:
    with Browsers(playwright, tmp_path) as browse:
        context: BrowserContext = browse(viewport=PHONE, has_touch=True)
        context.add_init_script("delete MediaDevices.prototype.getDisplayMedia")
        page = sign_in(context, server)
        open_meeting(page)
        join(page, "Record me")
        page.get_by_role("button", name="More").click()
        expect(page.get_by_role("button", name="Settings")).to_be_visible()
        expect(page.get_by_role("button", name="Share screen")).to_be_hidden()
