"""Microphones and cameras that fail: what people read, and what others see."""

import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import MICROPHONE_RATE, Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, sign_in
from tests.e2e.test_return import in_call

pytestmark = pytest.mark.e2e

# getUserMedia that fails for a kind of device until the page says otherwise
FAIL = """(() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.failing = { %s: "%s" };
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const kind = Object.keys(window.failing).find((kind) => wanted[kind]);
    if (!kind) return open(wanted);
    return Promise.reject(new DOMException("no", window.failing[kind]));
  };
})()"""


def without(context: BrowserContext, kind: str, why: str) -> None:
    context.add_init_script(FAIL % (kind, why))


def test_the_test_names_what_works_and_tries_again_what_does_not(
    server: Server, browse: Browse
) -> None:
    context = browse()
    without(context, "video", "NotAllowedError")
    page = sign_in(context, server)
    open_meeting(page)
    page.get_by_role("button", name="Test microphone and camera").click()
    camera, microphone = (
        page.locator(f"[data-said={device}]") for device in ("camera", "microphone")
    )
    expect(camera).to_contain_text("Your camera is blocked")
    expect(camera).to_contain_text("press Try again")
    expect(microphone).to_contain_text("Fake Default Audio Input hears you")
    page.evaluate("window.failing = {}")
    page.get_by_role("button", name="Try again").click()
    expect(camera).to_contain_text("is on")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


def test_a_camera_that_failed_in_the_call_is_what_is_tried_again(
    server: Server, browse: Browse
) -> None:
    context = browse()
    without(context, "video", "NotReadableError")
    page = sign_in(context, server)
    open_meeting(page)
    join(page, "Join unrecorded")
    in_call(page)
    page.get_by_role("button", name="Camera on").click()
    expect(page.locator("[data-trouble]")).to_contain_text("uses your camera")
    page.evaluate("window.failing = {}")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Camera off")).to_be_visible()
    expect(page.locator("[data-trouble]")).to_be_hidden()


def dead_then_alive(path: Path) -> Path:
    """A microphone that is switched off at first: pages say so after 10 s."""
    tone = 8000 * np.sin(np.arange(60 * MICROPHONE_RATE) * 2 * np.pi * 440 / 48_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MICROPHONE_RATE)
        file.writeframes(np.zeros(20 * MICROPHONE_RATE, np.int16).tobytes())
        file.writeframes(tone.astype(np.int16).tobytes())
    return path


def test_a_microphone_that_sends_nothing_is_told_until_it_does(
    server: Server, browse: Browse, tmp_path: Path
) -> None:
    host = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(host)
    link = guest_link(host)
    join(host, "Join unrecorded")
    guest = browse(dead_then_alive(tmp_path / "dead.wav")).pages[0]
    guest.goto(link)
    join(guest, "Join unrecorded", "Ben")
    for page in (host, guest):
        in_call(page)
    trouble = guest.get_by_text("Your microphone sends nothing")
    host.get_by_role("tab", name="People").click()
    expect(trouble).to_be_visible(timeout=20_000)
    person = host.locator(".person", has_text="Ben")
    expect(person).to_contain_text("microphone sends nothing")
    expect(trouble).to_be_hidden(timeout=40_000)  # it is switched on
    expect(person).not_to_contain_text("sends nothing")


def test_a_guest_without_a_microphone_is_seen_by_the_others(
    server: Server, browse: Browse
) -> None:
    rep = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(rep)
    link = guest_link(rep)
    join(rep, "Join unrecorded")
    in_call(rep)
    context = browse()
    without(context, "audio", "NotFoundError")
    guest = context.pages[0]
    guest.goto(link)
    join(guest, "Join unrecorded", "Ben")
    in_call(guest)
    expect(guest.locator("[data-trouble]")).to_contain_text("No microphone was found")
    tile = rep.locator(".tile", has_text="Ben")
    expect(tile).to_contain_text("no microphone")
    rep.wait_for_timeout(17_000)  # longer than a silent connection is kept
    expect(tile).to_be_visible()
    expect(rep.locator(".tile-trouble:visible")).to_have_count(0)
    rep.get_by_role("tab", name="People").click()
    expect(rep.locator(".person", has_text="Ben")).to_contain_text("no microphone")
