"""A rep has a call summed up, and asks about what a search finds."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import PHONE, Browse, Server
from tests.e2e.test_call import position, sign_in, wait_until
from tests.fake_model import FakeModel

pytestmark = pytest.mark.e2e

WORDS = """
from dashboard.search.index import rebuild
from meetings.models import Meeting
from transcription.models import Utterance
meeting = Meeting.objects.get(title__contains="discovery call", recording__isnull=False)
ben = meeting.participants.order_by("pk")[1]
for at, text in (
    (4000, "We have fifty people in the sales team."),
    (12000, "Salesforce is too expensive for us."),
):
    times = range(at, at + 300 * len(text.split()), 300)
    Utterance.objects.create(
        meeting=meeting,
        participant=ben,
        language="en",
        start_ms=at,
        end_ms=at + 3000,
        text=text,
        words=[[w, t, t + 250, 0.9] for w, t in zip(text.split(), times)],
    )
rebuild(meeting)
print(meeting.code)
"""


@pytest.fixture
def model(language_model: FakeModel) -> FakeModel:
    language_model.wait, language_model.status = 1.0, 200
    language_model.asked.clear()
    return language_model


def says(text: str, *lines: int) -> dict[str, Any]:
    return {"text": text, "lines": list(lines)}


def line_with(server: Server, code: str, words: str) -> int:
    """The number that the model knows a line of a call by."""
    texts = [line["text"] for line in server.transcript(code)]
    return next(n for n, text in enumerate(texts, 1) if words in text)


def test_sentences_of_a_model_play_what_they_come_from(
    server: Server, browse: Browse, model: FakeModel
) -> None:
    page = sign_in(browse(), server)
    code = server.manage("shell", "-c", WORDS).split()[-1]
    page.goto(f"{server.url}/calls/{code}/")
    fifty = line_with(server, code, "fifty people")
    model.says(
        summary=[
            says("They have 50 people in the sales team.", fifty),
            says("They have 900 people in the sales team.", fifty),
        ]
    )
    part = page.get_by_label("Written by a language model")
    expect(part).to_contain_text("with the names, go to 127.0.0.1")
    assert model.asked == []
    part.get_by_role("button", name="Write a summary").click()
    expect(part.get_by_role("status")).to_contain_text("tiny-1 is reading the call")
    sentence = part.get_by_role("listitem").filter(has_text="They have 50 people")
    expect(sentence).to_be_visible(timeout=20_000)
    part.get_by_text("Left out: 1").click()
    expect(part).to_contain_text("has a number that was not said: 900")
    assert barriers_in_both_themes(page) == []
    sentence.get_by_role("link", name="Hear").click()
    wait_until(lambda: position(page) > 5)

    _ask(page, server, model)


def _ask(page: Page, server: Server, model: FakeModel) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{server.url}/?q=expensive")
    page.get_by_role("link", name="Ask about these").click()
    model.says(answer=[says("Salesforce is too expensive for them.", 1)])
    page.get_by_label("Question").fill("What <b>hurts</b>?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="What <b>hurts</b>?")).to_be_visible()
    expect(page.get_by_text("too expensive for them")).to_be_visible(timeout=20_000)
    assert barriers_in_both_themes(page) == []

    page.get_by_role("link", name="Ask something else").click()
    model.says(answer=[])
    page.get_by_label("Question").fill("Do they have a dog?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not found. The quotes do not say.")).to_be_visible(
        timeout=20_000
    )

    page.get_by_role("link", name="Ask something else").click()
    model.status = 503
    page.get_by_label("Question").fill("And a cat?")
    page.keyboard.press("Enter")
    expect(page.locator(".error-text").first).to_be_visible(timeout=20_000)
