"""A call that somebody has in another tab is recorded as two people."""

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from benchmarks.words import normalised
from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import CHROMIUM, DESKTOP, FLAGS, LEAD_SECONDS, Browse, Server
from tests.e2e.test_call import screenshot, sign_in, wait_until
from tests.e2e.test_kept_sound import end, no_network
from tests.e2e.test_return import in_call, segments

pytestmark = pytest.mark.e2e

TITLE = "Weekly with Globex"
OTHER_CALL = "https://call.example/"
# A person who presses "Share", with or without "Also share tab audio"; what was opened
# is kept, so that a test can press the browser's own "Stop sharing".
PICKER = """
const open = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getDisplayMedia = async (options) => {
  const { audio, ...silent } = options;
  return (window.shared = await open(window.withoutSound ? silent : options));
};
"""
PLAYER = f"""<!doctype html><title>{TITLE}</title>
<button onclick="new Audio('/sound.wav').play()">Play</button>"""


@pytest.fixture
def browser(
    playwright: Playwright, tmp_path: Path, microphones: dict[str, Path]
) -> Iterator[BrowserContext]:
    """Anna's browser, in which "Choose the tab" chooses the other call by itself."""
    fake_ui = "--use-fake-ui-for-media-stream"  # it has a fake screen, and no tabs
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path / "profile"),
        executable_path=CHROMIUM,
        headless=True,
        viewport=DESKTOP,
        ignore_default_args=["--mute-audio"],  # the tab would be silent
        permissions=["microphone", "clipboard-read", "clipboard-write"],
        args=[
            *(flag for flag in FLAGS if flag != fake_ui),
            f"--use-file-for-fake-audio-capture={microphones['anna']}%noloop",
            f"--auto-select-tab-capture-source-by-title={TITLE}",
        ],
    )
    context.set_default_timeout(20_000)
    context.add_init_script(PICKER)
    sound = without_lead(microphones["ben"], tmp_path / "ben.wav")
    context.route(
        f"{OTHER_CALL}**",
        lambda route: (
            route.fulfill(path=sound)
            if route.request.url.endswith(".wav")
            else route.fulfill(body=PLAYER, content_type="text/html")
        ),
    )
    yield context
    context.close()


def without_lead(source: Path, target: Path) -> Path:
    """The other call begins to speak when the test presses "Play"."""
    with wave.open(str(source)) as read, wave.open(str(target), "wb") as write:
        write.setparams(read.getparams())
        read.readframes(LEAD_SECONDS * read.getframerate())
        write.writeframes(read.readframes(read.getnframes()))
    return target


def begin(page: Page) -> str:
    """From the list of meetings into the room; returns the code."""
    page.get_by_role("button", name="Record a tab").click()
    page.wait_for_url("**/tab/")
    expect(page.get_by_role("heading", name="Record a call")).to_be_visible()
    page.get_by_label("Who is on the other side").fill("Globex")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("copy-value [role=status]")).to_have_text("Copied")
    notice = page.evaluate("navigator.clipboard.readText()")
    assert notice.strip().startswith("I record the sound of this call")
    page.get_by_label("I told everybody in that call").check()
    assert barriers_in_both_themes(page) == []
    screenshot(page, "tab-before")
    page.get_by_role("button", name="Agree, and go on").click()
    page.wait_for_url("**/in/")
    in_call(page)
    return page.url.split("/")[-3]


def line(page: Page) -> str:
    return page.locator("[data-tab-said]").inner_text()


def choose(page: Page) -> None:
    page.get_by_role("button", name="Choose the tab").click()


def is_recorded(page: Page) -> None:
    expect(page.locator("[data-tab-call]")).to_have_attribute("data-recorded", "true")
    expect(page).not_to_have_title("Not recorded")
    person = page.locator("[data-people] .person", has_text="Globex")
    expect(person.locator(".person-state")).to_have_text(
        "call in another tab, recorded"
    )


def test_a_call_in_another_tab_is_recorded_and_captioned_as_two_people(
    server: Server, browser: BrowserContext
) -> None:
    page = sign_in(browser, server)
    other = browser.new_page()
    other.goto(OTHER_CALL)
    code = begin(page)

    # without its sound there is nothing to record: it says so, and asks again
    page.evaluate("window.withoutSound = true")
    choose(page)
    expect(page.locator("[data-tab-said]")).to_contain_text("without sound")
    expect(page.locator("[data-tab-call]")).to_have_attribute("data-recorded", "false")
    page.evaluate("window.withoutSound = false")
    choose(page)
    is_recorded(page)
    own = page.locator(".tile:not(.self) audio")
    assert own.evaluate("player => player.muted")  # it is heard in its own tab
    other.get_by_role("button", name="Play").click()
    captions = page.locator(".captions .line.final")
    expect(captions.filter(has_text="Globex").first).to_be_visible(timeout=60_000)
    assert barriers_in_both_themes(page) == []
    screenshot(page, "tab-room")
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "tab-room-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size(DESKTOP)
    page.wait_for_timeout(4_000)

    # the browser's own bar ends it, and it goes on when it is asked for again
    page.evaluate("shared.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("[data-tab-said]")).to_contain_text("Sharing has ended")
    expect(page.locator(".tile")).to_have_count(1)
    choose(page)
    is_recorded(page)
    page.reload()
    expect(page.locator("[data-tab-said]")).to_contain_text("not recorded yet")
    in_call(page)
    choose(page)
    is_recorded(page)
    other.close()
    expect(page.locator("[data-tab-said]")).to_contain_text("Sharing has ended")

    end(page)
    expect(page.locator(".lane")).to_have_count(2)
    lines = server.transcript(code)
    them = " ".join(one["text"] for one in lines if one["speaker"] == "Globex")
    assert {one["speaker"] for one in lines} > {"Globex"}
    assert len(normalised(them)) > 5
    screenshot(page, "tab-review")


def test_the_sound_of_the_tab_is_handed_in_after_the_network_was_away(
    server: Server, browser: BrowserContext, tmp_path: Path
) -> None:
    page = sign_in(browser, server)
    other = browser.new_page()
    other.goto(OTHER_CALL)
    begin(page)
    choose(page)
    is_recorded(page)
    other.get_by_role("button", name="Play").click()
    page.wait_for_timeout(4_000)
    with no_network(tmp_path / "profile"):
        expect(page.locator("[data-tab-said]")).to_contain_text(
            "kept here", timeout=15_000
        )
        page.wait_for_timeout(8_000)
    is_recorded(page)
    them = page.locator("[data-tab-call]").get_attribute("data-participant")
    wait_until(
        lambda: any(
            s["handed_in"] and s["participant_id"] == them for s in segments(server)
        ),
        60,
    )
    end(page)


def test_a_browser_that_gives_no_sound_of_tabs_says_what_to_do(
    server: Server, browse: Browse
) -> None:
    context = browse()
    context.add_init_script("delete MediaDevices.prototype.getDisplayMedia")
    page = sign_in(context, server)
    page.get_by_role("button", name="Record a tab").click()
    page.wait_for_url("**/tab/")
    expect(page.get_by_text("does not give the sound of other tabs")).to_be_visible()
    expect(page.get_by_role("link", name="import the recording")).to_be_visible()
    expect(page.get_by_role("button", name="Agree, and go on")).to_be_disabled()
    assert barriers_in_both_themes(page) == []
