"""What one does with the stage: pin somebody, fill the screen, choose loudspeakers."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, screenshot, sign_in
from tests.e2e.test_return import in_call

pytestmark = pytest.mark.e2e

# A second loudspeaker and a camera that can blur, which the test's machine has not.
DEVICES = """
const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
navigator.mediaDevices.enumerateDevices = async () => [
  ...(await list()),
  { kind: "audiooutput", deviceId: "headset", label: "Headset" },
];
HTMLMediaElement.prototype.setSinkId = async function (id) {
  Object.defineProperty(this, "sinkId", { value: id, configurable: true });
};
const can = MediaStreamTrack.prototype.getCapabilities;
MediaStreamTrack.prototype.getCapabilities = function () {
  const more = this.kind === "video" ? { backgroundBlur: [true, false] } : {};
  return { ...can.call(this), ...more };
};
const apply = MediaStreamTrack.prototype.applyConstraints;
window.blurred = [];
MediaStreamTrack.prototype.applyConstraints = async function (wanted) {
  if ("backgroundBlur" in wanted) window.blurred.push(wanted.backgroundBlur);
  else await apply.call(this, wanted);
};
"""
SINKS = "[...document.querySelectorAll('.tile audio')].map(one => one.sinkId)"


def area(page: Page, name: str) -> float:
    box = page.locator(".tile", has_text=name).bounding_box()
    assert box
    return box["width"] * box["height"]


def test_a_person_is_pinned_and_fills_the_screen(
    server: Server, browse: Browse
) -> None:
    host = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(host)
    link = guest_link(host)
    join(host, "Join unrecorded")
    guests = []
    for name in ("Ben", "Carol"):
        page = browse().pages[0]
        page.goto(link)
        if name == "Carol":
            expect(page.get_by_text("In the call:")).to_contain_text("Ben")
        join(page, "Join unrecorded", name)
        in_call(page)
        guests.append(page)
    expect(host.locator(".tile")).to_have_count(3)
    guests[0].get_by_role("button", name="Camera on").click()
    expect(host.locator(".tile.has-picture")).to_have_count(1)

    pin = host.get_by_role("button", name="Pin Ben")
    pin.focus()
    host.keyboard.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "true")
    host.get_by_role("button", name="Close the panel").click()
    for size, shot in ((DESKTOP, "desktop"), (PHONE, "phone")):
        host.set_viewport_size(size)
        host.wait_for_timeout(300)  # the layout follows the size of the window
        assert area(host, "Ben") > 3 * area(host, "Carol")
        assert host.evaluate("document.documentElement.scrollWidth") <= size["width"]
        screenshot(host, f"pinned-{shot}")
    host.set_viewport_size(DESKTOP)
    assert barriers_in_both_themes(host) == []
    host.get_by_role("button", name="Full screen: Ben").click()
    filled = "document.fullscreenElement?.matches('.tile.pinned')"
    host.wait_for_function(filled)
    host.keyboard.press("Escape")
    host.evaluate("document.fullscreenElement && document.exitFullscreen()")
    guests[0].get_by_role("button", name="Leave").click()
    expect(host.locator(".tile")).to_have_count(2, timeout=30_000)
    assert area(host, "Carol") > 50_000


def test_devices_are_chosen_before_the_call_and_kept(
    server: Server, browse: Browse
) -> None:
    context = browse(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(DEVICES)
    page = sign_in(context, server)
    open_meeting(page)
    link = guest_link(page)
    expect(page.get_by_text("Nobody is in the call yet.")).to_be_visible()
    page.get_by_role("button", name="Test microphone and camera").click()
    page.get_by_label("Loudspeaker").select_option(label="Headset")
    page.get_by_label("Blur my background").check()
    page.get_by_role("button", name="Play a test sound").click()
    expect(page.get_by_text("Three notes: you should hear them.")).to_be_visible()
    expect(page.get_by_role("button", name="Play a test sound")).to_be_enabled()
    assert page.evaluate("window.blurred") == [True]
    screenshot(page, "lobby-devices")
    assert barriers_in_both_themes(page) == []
    join(page, "Join unrecorded")
    in_call(page)
    guest = browse().pages[0]
    guest.goto(link)
    join(guest, "Join unrecorded", "Ben")
    expect(page.locator(".tile")).to_have_count(2)
    assert page.evaluate(SINKS) == ["headset", "headset"]
    page.get_by_role("button", name="Camera on").click()
    expect(page.get_by_role("button", name="Camera off")).to_be_visible()
    assert page.evaluate("window.blurred") == [True]
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("Blur my background")).to_be_checked()
    page.get_by_label("Blur my background").uncheck()
    page.wait_for_function("window.blurred.length === 2 && !window.blurred[1]")
    page.get_by_role("button", name="Play a test sound").click()
    expect(page.get_by_text("Three notes: you should hear them.")).to_be_visible()
