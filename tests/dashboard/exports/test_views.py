"""A call is taken out: by those who see it, in files that programs can read."""

import csv
import json
import re
import zlib
from io import BytesIO
from itertools import pairwise

import pytest
from docx import Document

from dashboard.exports.figures import cell
from dashboard.exports.formats import FORMATS
from meetings.models import Account, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.egress.pdf import LONGEST, in_parts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", FORMATS)
def test_who_may_see_the_call_may_take_it(
    cast: Cast, ended: Meeting, kind: str
) -> None:
    path = f"/calls/{ended.code}/export/{kind}/"
    assert cast.let_in(path) == {"owner", "teammate"}


def test_there_is_no_other_format(cast: Cast, ended: Meeting) -> None:
    answer = cast.owner.client.get(f"/calls/{ended.code}/export/exe/")
    assert answer.status_code == 404


def test_a_transcript_has_everything_that_was_said(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    say(owner, 61_000, "Good morning")
    say(guest, 63_000, "שלום to\nyou", [])
    text = taken(cast, ended, "txt")
    assert f"1:01 {owner.name}: Good morning\n1:03 {guest.name}: שלום to you" in text
    ended.account = Account.objects.create(name="Acme")
    ended.save()
    told = json.loads(taken(cast, ended, "json"))
    assert told["customer"] == "Acme"
    assert [line["text"] for line in told["lines"]] == ["Good morning", "שלום to\nyou"]
    assert told["lines"][0]["words"][1] == ["morning", 61.3, 61.55]


def test_figures_come_as_rows(cast: Cast, ended: Meeting, owner: Participant) -> None:
    Participant.objects.filter(pk=owner.pk).update(name="=cmd()")
    say(owner, 0, "Good morning to you all", voice=[[0, 3_000]])
    rows = list(csv.reader(taken(cast, ended, "csv").splitlines()))
    assert rows[0] == ["person", "figure", "value", "reason"]
    assert ["'=cmd()", "talk_s", "3.0", ""] in rows
    assert ["", "talk_ratio", "", "Only one side speaks in this call"] in rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_negative_number_is_a_number() -> None:
    assert cell(-1.5) == -1.5


def test_a_hostile_title_is_a_safe_name(cast: Cast, ended: Meeting) -> None:
    Meeting.objects.filter(pk=ended.pk).update(title='a"b/../c\u202e')
    answer = cast.owner.client.get(f"/calls/{ended.code}/export/txt/")
    named = answer.headers["Content-Disposition"]
    assert named == 'attachment; filename="a-b-..-c.txt"'


def test_word_and_pdf_hold_letters_of_any_script(
    cast: Cast, ended: Meeting, owner: Participant, guest: Participant
) -> None:
    Meeting.objects.filter(pk=ended.pk).update(title="Привет <b> & ארגון")
    say(owner, 61_000, "Grüße, Ελλάδα")
    say(guest, 63_000, "שלום 你好 🙂", [])
    say(guest, 65_000, "a\ufffe\x01b \u202e" + "x" * 5_000, [])
    document = Document(BytesIO(taken_bytes(cast, ended, "docx")))
    told = [paragraph.text for paragraph in document.paragraphs]
    assert told[0] == "Привет <b> & ארגון"
    assert "1:01\u2002Grüße, Ελλάδα" in told
    assert "1:03\u2002שלום 你好 🙂" in told
    page = taken_bytes(cast, ended, "pdf")
    assert page.startswith(b"%PDF-")
    for font in (b"+NotoSans", b"+NotoSansHebrew", b"+NotoSansCJK", b"+NotoEmoji"):
        assert font in page


def test_a_line_without_end_is_set_in_parts() -> None:
    words = "one two " * 500
    assert max(map(len, in_parts(words))) <= LONGEST
    assert " ".join(in_parts(words)).split() == words.split()
    assert "".join(in_parts("x" * 9_999)) == "x" * 9_999
    assert in_parts("short") == ["short"]


def test_a_shaped_line_has_its_own_size_however_it_begins(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    say(owner, 0, " ".join(["שלום עולם hello (123)"] * 12), [])
    content = max(unpacked(taken_bytes(cast, ended, "pdf")), key=len)
    pieces = re.split(rb" Td ", content)
    lines = [
        before.rpartition(b"Tj")[2] + line.partition(b"(")[0]  # what comes first
        for before, line in pairwise(pieces)
        if b"/F2" in line
    ]
    assert len(lines) > 2
    assert all(b"10.00 Tf" in line for line in lines)


def test_a_word_that_no_line_holds_is_cut(
    cast: Cast, ended: Meeting, owner: Participant
) -> None:
    say(owner, 0, "א" * 300, [])
    content = max(unpacked(taken_bytes(cast, ended, "pdf")), key=len)
    assert len(re.findall(rb"/F2 10.00 Tf", content)) > 2


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_call_without_a_word_has_its_head(
    cast: Cast, ended: Meeting, kind: str
) -> None:
    assert taken_bytes(cast, ended, kind)


def unpacked(page: bytes) -> list[bytes]:
    """The streams of a PDF that hold text."""
    packed = re.findall(rb"stream\n(.*?)\nendstream", page, re.S)
    return [data for each in packed if b"BT" in (data := inflated(each))]


def inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def taken_bytes(cast: Cast, meeting: Meeting, kind: str) -> bytes:
    answer = cast.owner.client.get(f"/calls/{meeting.code}/export/{kind}/")
    assert answer.status_code == 200
    return bytes(answer.content)


def taken(cast: Cast, meeting: Meeting, kind: str) -> str:
    answer = cast.owner.client.get(f"/calls/{meeting.code}/export/{kind}/")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.content.decode()
