"""A call is put right by whom it belongs to, and all of it can be taken back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import sign_in

pytestmark = pytest.mark.e2e

CALL = """
from django.contrib.auth.models import User
from meetings.models import Meeting, Participant
from transcription.models import Utterance
owner = User.objects.get(email="admin@localhost")
meeting = Meeting.objects.create(
    owner=owner, title="Put right", state="ended", duration_ms=40_000
)
anna, ben, twin = (
    Participant.objects.create(
        meeting=meeting, name=name, consent="recorded", colour=n, side="us"
    )
    for n, name in enumerate(("Anna", "Ben", "Ben again"))
)
for n, (person, text) in enumerate((
    (anna, "Good morning mister Smith."), (anna, "How are you?"),
    (ben, "Very well."), (twin, "And you?"),
)):
    Utterance.objects.create(
        meeting=meeting, participant=person, language="en", text=text,
        start_ms=n * 5000, end_ms=n * 5000 + 2000,
        words=[
            [word, n * 5000 + 300 * i, n * 5000 + 300 * i + 250, 0.9]
            for i, word in enumerate(text.split())
        ],
    )
print(meeting.code)
"""
ELSEWHERE = """
from django.contrib.auth.models import User
from transcription.corrections import lines
from transcription.models import Utterance
line = Utterance.objects.get(meeting__code="{code}", start_ms=0)
lines.write(line, line.text, "{text}", User.objects.first())
"""


def line_at(page: Page, start_ms: int) -> Locator:
    return page.locator(f".line[data-start='{start_ms}']")


def test_a_call_is_put_right_and_taken_back(server: Server, browse: Browse) -> None:
    code = server.manage("shell", "--no-imports", "-c", CALL).split()[-1]
    page = sign_in(browse(), server)
    page.goto(f"{server.url}/calls/{code}/")
    told = page.locator("[data-corrected]")
    first = line_at(page, 0)

    # words: by a double click, by E, and by nothing at all
    first.get_by_text("Smith.").dblclick()
    field = first.get_by_role("textbox", name="The line of 0:00")
    expect(field).to_be_focused()
    field.fill("Nothing of this")
    field.press("Escape")
    expect(first.locator("p")).to_have_text("Good morning mister Smith.")
    first.locator("a.at").focus()
    page.keyboard.press("e")
    field.fill("Good morning Mrs. Smythe.")
    field.press("Enter")
    expect(first.locator("p")).to_have_text("Good morning Mrs. Smythe.")
    expect(told).to_contain_text("Saved.")
    expect(first.get_by_text("Smythe.")).to_have_attribute("data-word", "900")
    told.get_by_role("button", name="Undo").click()
    expect(first.locator("p")).to_have_text("Good morning mister Smith.")

    # two at once: nothing is lost
    first.locator("a.at").focus()
    page.keyboard.press("e")
    field.fill("Good morning Mr. Schmidt.")
    other = ELSEWHERE.format(code=code, text="Good morning Mr. Smythe.")
    server.manage("shell", "--no-imports", "-c", other)
    field.press("Enter")
    expect(first.get_by_role("alert")).to_contain_text("changed this line meanwhile")
    expect(first.get_by_role("alert").locator("q")).to_have_text(
        "Good morning Mr. Smythe."
    )
    expect(field).to_have_value("Good morning Mr. Schmidt.")
    assert barriers_in_both_themes(page) == []
    first.get_by_role("button", name="Save mine").click()
    expect(first.locator("p")).to_have_text("Good morning Mr. Schmidt.")

    # who said it
    page.get_by_role("switch", name="Correct").press("Space")
    line_at(page, 5000).get_by_role("checkbox").press("Space")
    line_at(page, 10_000).get_by_role("checkbox").press("Space")
    bar = page.get_by_role("form", name="Lines that are chosen")
    expect(bar).to_contain_text("2 lines")
    bar.get_by_role("button", name="Said by").press("Enter")
    bar.get_by_label("Said by").select_option("Somebody else …")
    bar.get_by_label("Name").fill("Carol")
    assert barriers_in_both_themes(page) == []
    bar.get_by_role("button", name="Save").press("Enter")
    expect(told).to_contain_text("2 lines changed.")
    expect(page.locator(".line .speaker", has_text="Carol")).to_have_count(2)
    expect(page.locator(".lane", has_text="Carol")).to_be_visible()

    # one person who came twice
    page.get_by_role("tab", name="People").click()
    change = page.get_by_label("Change Ben again")
    twin = page.locator("[data-people] li", has=change)
    change.click()
    twin.get_by_label("Same person as").select_option("Ben")
    twin.get_by_role("button", name="Join").click()
    expect(page.locator(".lane", has_text="Ben again")).to_have_count(0)
    expect(page.locator(".line .speaker").last).to_have_text("Ben")

    # the history takes all of it back, the newest first
    page.get_by_text("What was corrected").click()
    changes = page.locator(".changes > li")
    expect(changes).to_have_count(5)
    for text in ("are one person", "2 lines", "Schmidt"):
        change = changes.filter(has_text=text).first
        change.get_by_role("button", name="Undo").click()
        expect(change).to_contain_text("Undone by")
    expect(page.locator(".line .speaker").last).to_have_text("Ben again")
    names = page.locator(".line .speaker")
    expect(names).to_have_text(["Anna", "Anna", "Ben", "Ben again"])
    expect(first.locator("p")).to_have_text("Good morning Mr. Smythe.")
    assert barriers_in_both_themes(page) == []


def test_it_is_put_right_on_a_phone(server: Server, browse: Browse) -> None:
    code = server.manage("shell", "--no-imports", "-c", CALL).split()[-1]
    page = sign_in(browse(viewport=PHONE, has_touch=True), server)
    page.goto(f"{server.url}/calls/{code}/")
    page.get_by_label("Correct").tap()
    first = line_at(page, 0)
    first.get_by_role("button", name="Edit the line").tap()
    field = first.get_by_role("textbox")
    field.fill("Good morning all.")
    first.get_by_role("button", name="Save").tap()
    expect(first.locator("p")).to_have_text("Good morning all.")
    line_at(page, 5000).get_by_role("checkbox").tap()
    bar = page.get_by_role("form", name="Lines that are chosen")
    bar.get_by_role("button", name="Said by").tap()
    bar.get_by_label("Said by").select_option("Ben")
    bar.get_by_role("button", name="Save").tap()
    expect(line_at(page, 5000).locator(".speaker")).to_have_text("Ben")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
