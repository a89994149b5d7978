"""The live pages for people who use a keyboard, a screen reader or strong contrast."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import barriers, barriers_in_both_themes
from tests.e2e.conftest import CALL, DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import guest_link, join, open_meeting, row_of, sign_in
from tests.e2e.test_return import in_call
from tests.e2e.test_windows import is_out

pytestmark = pytest.mark.e2e

PUT_OUT = """
from django.contrib.auth.models import User
from django.utils import timezone
from meetings.models import Meeting, Participant
owner, _ = User.objects.get_or_create(username="olga", email="olga@localhost")
meeting = Meeting.objects.create(owner=owner, title="Without us")
Participant.objects.create(
    meeting=meeting, user=User.objects.get(email="admin@localhost"), name="Admin",
    consent="recorded", colour=0, removed_at=timezone.now(),
)
print(meeting.code)
"""


def test_it_would_notice_a_barrier(server: Server, browse: Browse) -> None:
    page = browse().pages[0]
    page.goto(f"{server.url}/accounts/login/")
    assert barriers_in_both_themes(page) == []
    page.evaluate("document.querySelector('main button').textContent = ''")
    assert ["button-name" in one for one in barriers(page)] == [True]


def test_before_the_room_nothing_keeps_people_out(
    server: Server, browse: Browse
) -> None:
    rep = sign_in(browse(permissions=["clipboard-read", "clipboard-write"]), server)
    open_meeting(rep)
    guest = browse().pages[0]
    guest.goto(guest_link(rep))
    for page in (rep, guest):
        page.get_by_role("button", name="Test microphone and camera").click()
        expect(page.locator("[data-said=camera]")).not_to_be_empty()
        assert barriers_in_both_themes(page) == []


def test_in_the_room_nothing_keeps_people_out(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    open_meeting(page)
    join(page, "Record me")
    in_call(page)
    for tab in ("People", "Chat", "Captions"):
        page.get_by_role("tab", name=tab).click()
        assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Settings").click()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("button", name="Done").click()
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="More").click()
    assert barriers_in_both_themes(page) == []
    page.set_viewport_size(DESKTOP)


def test_where_calls_are_read_nothing_keeps_people_out(
    server: Server, browse: Browse
) -> None:
    page = sign_in(browse(), server)
    row = row_of(page, "discovery call")
    steps: dict[str, Callable[[], object]] = {
        "the list": lambda: expect(row).to_be_visible(),
        "the account's menu": page.locator(".account summary").click,
        "the import": page.get_by_role("button", name="Import").first.click,
        "files to import": lambda: chosen(page),
        "no import": page.get_by_role("button", name="Cancel").click,
        "the menu of a call": row.locator("summary").click,
        "its settings": row.get_by_role("link", name="Title, customer").click,
        "a question": lambda: asked_whether_to_delete(page, row),
        "nothing found": lambda: page.goto(f"{server.url}/?q=zyzzyva"),
        "quotes": lambda: page.goto(f"{server.url}/?q=team"),
        "nothing there": lambda: page.goto(f"{server.url}/calls/none/"),
    }
    for name, step in steps.items():
        step()
        assert (name, barriers_in_both_themes(page)) == (name, [])


def chosen(page: Page) -> None:
    page.locator("import-drop input[type=file]").set_input_files(CALL / "ben.ogg")
    page.get_by_label("Left and right are two people").check()
    expect(page.get_by_label("Who speaks in ben (right)")).to_be_visible()


def test_in_the_admin_nothing_keeps_people_out(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    meeting = "meetings/meeting/1/"
    for path in ("", "meetings/meeting/", f"{meeting}change/", f"{meeting}delete/"):
        answer = page.goto(f"{server.url}/admin/{path}")
        assert answer and answer.ok
        assert (path, barriers_in_both_themes(page)) == (path, [])


def asked_whether_to_delete(page: Page, row: Locator) -> None:
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    row.locator("summary").click()
    row.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_on_the_page_of_a_call_nothing_keeps_people_out(
    server: Server, browse: Browse
) -> None:
    page = sign_in(browse(), server)
    row_of(page, "discovery call").get_by_role("link").first.click()
    expect(page.locator(".line").first).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("tab", name="People").click()
    page.get_by_label("Change Anna").click()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("tab", name="Brief").click()
    page.get_by_text("Show removed lines").click()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.set_viewport_size(PHONE)
    page.get_by_text("Brief, statistics, trackers, chat, people").click()
    expect(page.get_by_role("button", name="Copy the brief")).to_be_visible()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("tab", name="Stats").click()
    page.locator("#stats-panel [data-figure]").first.click()
    assert barriers_in_both_themes(page) == []
    page.get_by_role("tab", name="People").click()
    assert barriers_in_both_themes(page) == []


def test_out_of_the_call_nothing_keeps_people_out(
    server: Server, browse: Browse
) -> None:
    context = browse(permissions=["clipboard-read", "clipboard-write"])
    rep = sign_in(context, server)
    code = open_meeting(rep)
    link = guest_link(rep)
    join(rep, "Join unrecorded")
    in_call(rep)
    guest = browse().pages[0]
    guest.goto(link)
    join(guest, "Join unrecorded", "Ben")
    in_call(guest)

    second = context.new_page()
    second.goto(rep.url)
    is_out(second, "You are in this call in another window")
    assert barriers_in_both_themes(second) == []

    rep.get_by_role("tab", name="People").click()
    rep.get_by_role("button", name="Remove Ben").click()
    rep.get_by_role("dialog").get_by_role("button", name="Remove").click()
    is_out(guest, "You can no longer be in this call")
    assert barriers_in_both_themes(guest) == []

    put_out = server.manage("shell", "--no-imports", "-c", PUT_OUT).split()[-1]
    second.goto(f"{server.url}/room/{put_out}/")
    expect(second.get_by_role("heading")).to_contain_text("removed from this call")
    assert barriers_in_both_themes(second) == []

    rep.get_by_role("button", name="Let Ben in again").click()
    expect(rep.locator("[data-removed] li")).to_have_count(0)
    guest.goto(f"{server.url}/room/{code}/in/")
    in_call(guest)
    rep.get_by_role("button", name="End", exact=True).click()
    rep.get_by_role("button", name="End for all").click()
    expect(guest.get_by_role("heading")).to_have_text("This call has ended")
    assert barriers_in_both_themes(guest) == []
    guest.goto(f"{server.url}/join/no-such-link/")
    expect(guest.get_by_role("heading")).to_contain_text("does not open a call")
    assert barriers_in_both_themes(guest) == []


def pressed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_room_is_run_by_keys(server: Server, browse: Browse) -> None:
    page = sign_in(browse(), server)
    open_meeting(page)
    join(page, "Join unrecorded")
    in_call(page)
    pressed(page, "m")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    page.get_by_role("tab", name="Captions").focus()
    pressed(page, "ArrowRight")
    expect(page.get_by_role("tab", name="Chat")).to_be_focused()
    pressed(page, "ArrowRight")
    expect(page.get_by_role("tab", name="People")).to_be_focused()
    expect(page.get_by_role("list", name="People in the call")).to_be_visible()
    title = page.get_by_label("Title of the call")
    title.focus()
    page.keyboard.type("Monthly cm")  # no keys of the room while one types
    pressed(page, "Enter")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    expect(page.locator("call-title [data-said]")).to_have_text("Title saved")
    expect(page).to_have_title("Monthly cm · Earshot")
    title.fill("Something else")
    pressed(page, "Escape")
    expect(title).to_have_value("Monthly cm")
