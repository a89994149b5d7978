"""The chat of a call on its page."""

import re

import pytest
from django.utils.html import escape

from dashboard.call.chat import TextPart, parts_of
from meetings.models import ChatMessage, Meeting, Participant
from meetings.recordings import retention
from tests.cast import Cast
from tests.dashboard.call.test_call import page


def write(person: Participant, at_ms: int, text: str) -> None:
    ChatMessage.objects.create(
        participant=person, at_ms=at_ms, text=text, key=str(at_ms)
    )


def test_it_stands_beside_the_transcript_in_order_of_time(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    write(owner, 65_000, "Here is the offer")
    write(guest, 83_200, "Thanks")
    for html in (page(cast), page(cast, "player/")):
        assert re.findall(r'href="(#t=[\d.]+)" aria-label="Play from ([\d:]+)"', html)
        chat = html[html.index('class="written"') :]
        assert chat.index("Here is the offer") < chat.index("Thanks")
        assert 'href="#t=83.2"' in chat and ">1:23</a>" in chat
        assert "Olga Owner" in chat and "Gita Guest" in chat


def test_a_call_without_a_chat_says_so(cast: Cast, ended: Meeting) -> None:
    assert "Nothing was written in this call." in page(cast)


def test_hostile_text_is_text(cast: Cast, guest: Participant) -> None:
    text = '<script>alert(1)</script> javascript:alert(1) "https://a.example/"><img>'
    write(guest, 1, text)
    html = page(cast)
    assert "<script>alert" not in html and "<img>" not in html
    assert escape("<script>alert(1)</script> javascript:alert(1)") in html
    rel = 'target="_blank" rel="noopener noreferrer nofollow"'
    assert f'<a href="https://a.example/" {rel}>' in html


def test_it_goes_with_the_call(ended: Meeting, guest: Participant) -> None:
    write(guest, 1, "Goodbye")
    retention.delete(ended)
    assert not ChatMessage.objects.exists()


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://a.example/b?c=d.", ["https://a.example/b?c=d"]),
        ("(https://a.example/b), or", ["https://a.example/b"]),
        (
            "https://a.example/b_(c) HTTP://B.example!",
            ["https://a.example/b_(c)", "HTTP://B.example"],
        ),
        ("ftp://a.example www.a.example javascript:x data:x", []),
        ("https:// https://) https://...", []),
    ],
)
def test_a_link_is_a_link_and_the_rest_is_not(text: str, links: list[str]) -> None:
    parts = parts_of(text)
    assert [part.href for part in parts if part.href] == links
    assert "".join(part.text for part in parts) == text
    assert parts_of("plain") == [TextPart("plain")]
