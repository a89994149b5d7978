"""manage.py add_source."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from meetings.models import Meeting, Source
from meetings.sources import services
from meetings.sources.services import digest_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def add_source(*words: str, **options: Any) -> list[str]:
    """The last line that is printed, as words."""
    out = StringIO()
    call_command("add_source", *words, stdout=out, owner="owner@example.com", **options)
    return out.getvalue().splitlines()[-1].split(" ")


def test_it_tells_code_address_and_token(cast: Cast) -> None:
    code, address, token = add_source(cast.code, kind="whip", name="Studio")
    source = Source.objects.get()
    assert code == cast.code and address.endswith(f"/whip/{cast.code}/")
    assert source.token_digest == digest_of(token)
    assert (source.name, source.wanted) == ("Studio", True)


def test_it_makes_a_call(cast: Cast) -> None:
    code, address, _ = add_source("new", kind="whip")
    meeting = Meeting.objects.get(code=code)
    assert meeting.owner == cast.owner.user and code in address


def test_a_pull_waits_to_be_started(cast: Cast) -> None:
    url = "https://example.com/live.m3u8"
    assert add_source(cast.code, kind="hls", url=url) == [cast.code, url, "-"]
    add_source(cast.code, kind="srt", url="srt://example.com:9000", start=True)
    assert [source.wanted for source in Source.objects.all()] == [False, True]


def test_an_encoder_gets_one_address(cast: Cast, settings: Any) -> None:
    settings.SRT_PORT = 9000
    code, address, token = add_source(cast.code, kind="srt", name="Stage")
    source = Source.objects.get()
    assert (code, address, token) == (cast.code, services.address_of(source), "-")
    assert (source.wanted, source.is_pulled) == (True, False)


def test_it_says_that_nobody_can_call(cast: Cast, settings: Any) -> None:
    settings.SRT_PORT = None
    with pytest.raises(CommandError, match="SRT_PORT is not set"):
        add_source(cast.code, kind="srt")


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("nowhere", {"kind": "whip"}),
        ("", {"kind": "hls"}),
        ("", {"kind": "hls", "url": "file:///etc/passwd"}),
        ("", {"kind": "srt", "url": "https://example.com/"}),
        ("", {"kind": "srt", "url": "srt://example.com:x"}),
    ],
)
def test_it_says_what_is_wrong(cast: Cast, code: str, options: Any) -> None:
    with pytest.raises(CommandError):
        add_source(code or cast.code, **options)
    assert not Source.objects.exists()


def test_a_call_has_so_many_and_no_more(cast: Cast) -> None:
    for _ in range(8):
        add_source(cast.code, kind="whip")
    with pytest.raises(CommandError, match="as many"):
        add_source(cast.code, kind="whip")
