"""A call is read back: a title typed over, words that play, text that pastes clean."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import position, row_of, sign_in, wait_until

pytestmark = pytest.mark.e2e

NARROW = ViewportSize(width=320, height=640)
LONG = "Bartholomew Featherstonehaugh-Cholmondeley of the Northern Office and the South"

LONG_NAMES = f"""
from django.contrib.auth.models import User
from meetings.models import Account, Meeting, Participant
from transcription.models import Utterance
owner = User.objects.get(email="admin@localhost")
meeting = Meeting.objects.create(
    owner=owner, title="{"Long " * 30}", state="ended",
    account=Account.objects.called("{LONG}"),
    duration_ms=9000,
)
for n in range(3):
    person = Participant.objects.create(
        meeting=meeting, name="{LONG}"[:80], consent="recorded", colour=n
    )
    Utterance.objects.create(
        meeting=meeting, participant=person, language="en", text="All at once.",
        start_ms=n * 100, end_ms=4000,
    )
print(meeting.code)
"""


@pytest.fixture
def page(server: Server, browse: Browse) -> Iterator[Page]:
    """The demo call, as its owner sees it."""
    page = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    row_of(page, "discovery call").get_by_role("link").first.click()
    page.wait_for_url("**/calls/*/**")
    yield page


def is_paused(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('audio').paused"))


def test_the_title_is_typed_over(page: Page) -> None:
    title = page.get_by_label("Title of the call")
    before = title.input_value()
    title.click()
    expect(title).to_be_focused()
    title.fill("Not this")
    title.press("Escape")
    expect(title).to_have_value(before)
    title.fill("  Northwind   discovery call ")
    title.press("Enter")
    expect(page.locator("call-title [data-said]")).to_have_text("Saved")
    expect(page).to_have_title("Northwind discovery call · Earshot")
    page.get_by_role("link", name="Meetings").click()
    row = row_of(page, "Northwind discovery call")
    row.locator("summary").click()
    row.get_by_role("link", name="Title, customer").click()
    page.get_by_role("dialog").get_by_label("Title").fill(before)
    page.get_by_role("dialog").get_by_label("Customer").fill("Contoso")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    row = page.locator(".meeting", has_text=before)
    expect(row.locator(".account")).to_have_text("Contoso")


def test_a_word_plays_and_space_pauses(page: Page) -> None:
    word = page.locator(".line p [data-word]").nth(20)
    start = float(word.get_attribute("data-word") or "nan") / 1000
    assert is_paused(page)
    word.click()
    wait_until(lambda: not is_paused(page))
    wait_until(lambda: start <= position(page) < start + 3)
    page.keyboard.press("Space")
    wait_until(lambda: is_paused(page))

    solo = page.locator("[data-solo]").first
    solo.click()
    expect(solo).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    wait_until(lambda: not is_paused(page))
    expect(solo).to_have_attribute("aria-pressed", "true")

    page.get_by_text("Show removed lines").click()
    page.get_by_label("Speed").select_option("1.5")
    page.keyboard.press("Space")
    wait_until(lambda: is_paused(page))
    expect(page.get_by_role("switch", name="Show removed")).to_be_checked()
    solo.press("Space")  # by the keyboard it is a button as any other
    expect(solo).to_have_attribute("aria-pressed", "false")


def test_the_brief_is_copied_and_plays(page: Page) -> None:
    brief = page.get_by_role("tabpanel", name="Brief")
    step = brief.get_by_role("listitem").filter(has_text="proposal tomorrow").first
    moment = step.get_by_role("link")
    start = float((moment.get_attribute("href") or "").removeprefix("#t="))
    moment.click()
    wait_until(lambda: start <= position(page) < start + 3)
    brief.get_by_role("button", name="Copy the brief").click()
    expect(brief.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Next steps\n- " in copied
    assert "Anna: I will send you the proposal tomorrow." in copied


def test_a_figure_plays_what_it_comes_from(page: Page) -> None:
    page.get_by_role("tab", name="Stats").click()
    story = page.locator("[data-figure=longest_story_s]")
    expect(story).to_contain_text("6 s")
    story.locator("summary").click()
    moment = story.get_by_role("link").first
    start = float((moment.get_attribute("href") or "").removeprefix("#t="))
    moment.click()
    wait_until(lambda: not is_paused(page))
    wait_until(lambda: start <= position(page) < start + 3)

    page.get_by_role("tab", name="Brief").press("End")
    expect(page.get_by_role("tab", name="People")).to_be_focused()
    expect(page.locator("[data-people]")).to_be_visible()
    expect(story).to_be_hidden()


def test_the_player_fits_a_phone_and_goes_back(page: Page) -> None:
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("[data-word]").nth(60).click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    before = position(page)
    assert before > 10
    page.get_by_role("button", name="Back 10 s").click()
    wait_until(lambda: abs(position(page) - before + 10) < 0.2)


def test_a_moment_is_kept_and_found_again(page: Page) -> None:
    word = page.locator(".transcript [data-word]", has_text="Salesforce?").first
    word.click()
    wait_until(lambda: position(page) > 0)
    page.keyboard.press("Space")
    page.keyboard.press("b")
    mark = page.locator(".mark-bookmark a")
    expect(mark).to_have_attribute("aria-label", re.compile("pay for Salesforce"))
    button = page.get_by_role("button", name="Bookmark")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(mark).to_have_count(1)
    mark.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    button.click()
    expect(mark).to_have_count(0)


def test_the_find_box_stays_in_sight(page: Page) -> None:
    page.locator(".line").last.scroll_into_view_if_needed()
    page.keyboard.press("f")
    page.keyboard.type("tuesday")
    box = page.get_by_role("searchbox", name="Find in this call")
    expect(page.locator("[data-found]")).to_have_text(re.compile(r"^\d+$"))
    box.press("Enter")
    expect(page.locator(".hit-here")).to_be_in_viewport()
    place = box.bounding_box()
    assert place
    at = [place["x"] + 20, place["y"] + place["height"] / 2]
    on_top = "([x, y]) => document.elementFromPoint(x, y)?.type"
    assert page.evaluate(on_top, at) == "search"  # nothing covers it


def test_copied_text_is_clean(page: Page) -> None:
    lines = page.locator(".line")
    expect(lines.nth(4)).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    pasted = copied.splitlines()
    assert len(pasted) > 10
    for line in pasted:
        assert re.fullmatch(r"(Anna|Ben|Carol) \d+:\d\d .+", line), line


def test_sound_and_words_are_downloaded(page: Page) -> None:
    downloads = page.locator(".downloads")
    downloads.locator("summary").click()
    with page.expect_download() as started:
        downloads.get_by_role("link", name="Sound, M4A").click()
    sound = started.value
    assert sound.suggested_filename.endswith(".m4a")
    assert sound.path().read_bytes()[4:12] == b"ftypM4A "
    with page.expect_download() as started:
        downloads.get_by_role("link", name="Subtitles, SRT").click()
    assert b"Anna: Hello everyone" in started.value.path().read_bytes()


def test_a_deleted_call_leaves_open_pages_and_the_list(
    server: Server, browse: Browse
) -> None:
    code = server.manage("shell", "--no-imports", "-c", LONG_NAMES).split()[-1]
    page = sign_in(browse(), server)
    other = page.context.new_page()
    other.goto(f"{server.url}/calls/{code}/")
    expect(other.locator(".line")).to_have_count(3)
    row = page.locator(f"#meeting-{code}")
    page.reload()
    row.locator("summary").click()
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is deleted")).to_be_visible()
    expect(row).to_have_count(0)
    other.wait_for_url(f"{server.url}/")


def test_long_names_and_three_voices_fit_a_phone(
    server: Server, browse: Browse
) -> None:
    code = server.manage("shell", "--no-imports", "-c", LONG_NAMES).split()[-1]
    page = sign_in(browse(viewport=NARROW, has_touch=True), server)
    for path in ("/", f"/calls/{code}/"):
        page.goto(server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.get_by_role("button", name="Copy link").first).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    boxes = [line.bounding_box() for line in page.locator(".line").all()]
    tops = {round(box["y"]) for box in boxes if box}
    assert len(tops) == 1, "three voices at once stand beside each other"


SPOKE_OF_CANARIES = """
from django.contrib.auth.models import User
from meetings.models import Account, Meeting, Participant
from transcription.models import Utterance
owner = User.objects.get(email="admin@localhost")
meeting = Meeting.objects.create(
    owner=owner, title="Two people", state="ended", duration_ms=9000
)
for n, (name, text) in enumerate([("Ann", "We stay."), ("Carol", "A canary sings.")]):
    person = Participant.objects.create(
        meeting=meeting, name=name, consent="recorded", colour=n
    )
    Utterance.objects.create(
        meeting=meeting, participant=person, language="en", text=text,
        start_ms=n * 4000, end_ms=n * 4000 + 2000,
    )
print(meeting.code)
"""


def test_the_owner_deletes_what_is_kept_of_a_person(page: Page, server: Server) -> None:
    code = server.manage("shell", "--no-imports", "-c", SPOKE_OF_CANARIES).split()[-1]
    page.goto(f"{server.url}/calls/{code}/")
    expect(page.get_by_text("canary")).to_be_visible()
    page.get_by_role("tab", name="People").click()
    carol = page.locator("[data-people] li", has_text="Carol")
    carol.get_by_role("button", name="Delete what is kept").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("canary")).to_be_visible()
    carol.get_by_role("button", name="Delete what is kept").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("What was kept of Carol is deleted.")).to_be_visible()
    expect(page.get_by_text("canary")).to_have_count(0)
    expect(page.get_by_text("We stay.")).to_be_visible()
    page.get_by_role("tab", name="People").click()
    expect(page.locator("[data-people]")).to_contain_text("Deleted person")
