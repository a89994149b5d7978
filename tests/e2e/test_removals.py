"""The ledger in a browser: shown by a switch, heard, restored, taught to the bag."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import sign_in

pytestmark = pytest.mark.e2e

CALL = """
from django.contrib.auth.models import User
from meetings.models import Meeting, Participant
from transcription.models import Removal, Utterance
owner = User.objects.get(email="admin@localhost")
meeting = Meeting.objects.create(
    owner=owner, title="Ledger", state="ended", duration_ms=9000
)
anna = Participant.objects.create(meeting=meeting, name="Anna", consent="recorded")
for start, text in ((0, "Good morning."), (5000, "Quack, quack.")):
    Utterance.objects.create(
        meeting=meeting, participant=anna, language="en", text=text,
        start_ms=start, end_ms=start + 900,
    )
Removal.objects.create(
    meeting=meeting, participant=anna, raw="Subscribe to nobody.",
    reason="known phrase", start_ms=2000, end_ms=2900,
)
print(meeting.code)
"""


def test_it_shows_and_restores_what_was_removed(server: Server, browse: Browse) -> None:
    code = server.manage("shell", "--no-imports", "-c", CALL).split()[-1]
    page = sign_in(browse(), server)
    page.goto(f"{server.url}/calls/{code}/")
    switch = page.get_by_role("switch", name="Show removed lines")
    rows = page.locator(".transcript > li")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("button", name="Add the line")).to_have_count(0)

    switch.press("Space")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(
        "1 line removed: often written where nobody spoke."
    )
    switch.press("Space")
    expect(rows).to_have_count(2)
    switch.press("Space")

    rows.nth(1).get_by_role("button", name="Always keep").press("Enter")
    told = page.locator("removed-lines [data-told]")
    expect(told).to_have_text("“Subscribe to nobody.” is always kept now.")
    page.get_by_role("button", name="Add to bag: the line of 0:05").press("Enter")
    expect(told).to_have_text("“Quack, quack.” is in the bag now.")

    page.get_by_role("link", name="Hear 0:02").press("Enter")
    expect(page).to_have_url(f"{server.url}/calls/{code}/#t=2.0")

    rows.nth(1).get_by_role("button", name="Restore").press("Enter")
    expect(page.locator("[data-done]")).to_be_focused()
    line = page.locator(".line", has_text="Subscribe to nobody.")
    expect(line).to_be_visible()
    expect(page.locator(".line").nth(1)).to_have_attribute("data-start", "2000")
