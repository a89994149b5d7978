"""A call is deleted by mistake, brought back, and deleted for good."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import Browse, Server
from tests.e2e.test_call import sign_in

pytestmark = pytest.mark.e2e

NARROW = ViewportSize(width=320, height=640)
TITLE = "Wrong click " + "Featherstonehaugh" * 6
CALL = f"""
from django.contrib.auth.models import User
from meetings.models import Meeting
owner = User.objects.get(email="admin@localhost")
print(Meeting.objects.create(owner=owner, title="{TITLE}", state="ended").code)
"""


def test_a_call_is_deleted_and_brought_back(server: Server, browse: Browse) -> None:
    code = server.manage("shell", "--no-imports", "-c", CALL).split()[-1]
    page = sign_in(browse(viewport=NARROW), server)
    call = f"{server.url}/calls/{code}/"
    page.goto(call)
    page.get_by_label(f"More about {TITLE}").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("For 7 days it can be brought back")).to_be_visible()
    assert page.goto(call).status == 404  # type: ignore[union-attr]

    page.goto(server.url)
    page.get_by_label("Account of").click()
    page.get_by_role("link", name="Deleted calls").click()
    assert barriers_in_both_themes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_role("button", name=f"Bring back: {TITLE}").click()
    expect(page).to_have_url(call)

    page.get_by_label(f"More about {TITLE}").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("For 7 days it can be brought back")).to_be_visible()
    page.goto(f"{server.url}/deleted/")
    page.get_by_role("button", name=f"Delete for good: {TITLE}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is deleted for good.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Bring back: {TITLE}")).to_have_count(0)
