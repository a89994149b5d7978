"""Customers from a table: read, told, written, and the file that is none."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.accounts import sheet
from dashboard.accounts.table import (
    MOST_LINES,
    UnreadableTable,
    WrongLine,
    amount_of,
    decoded,
    lines,
)
from meetings.models import Account, AccountDomain, Meeting, Participant
from tests.cast import Cast


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1200", "1200"),
        ("1,234.50", "1234.50"),
        ("1.234,5", "1234.5"),
        ("12 000", "12000"),
        ("1'234'567.05", "1234567.05"),
        ("1,234", "1234"),
        ("1.234.567", "1234567"),
        ("0.50", "0.5"),
        ("€ 12000", "12000"),
        ("$1,200.00", "1200"),
    ],
)
def test_it_reads_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert amount_of(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "-5",
        "1e9",
        "NaN",
        "1.234.56",
        "1234.567",
        "0.500",
        "1_000",
        "９",
        "9" * 90,
    ],
)
def test_it_takes_nothing_else_for_an_amount(text: str) -> None:
    with pytest.raises(WrongLine):
        amount_of(text)


@pytest.mark.parametrize(
    "content",
    [
        "Name;Stage\r\nMüller;Won\r\n".encode("utf-8-sig"),
        "Name;Stage\nMüller;Won".encode("cp1252"),
        "Name\tStage\nMüller\tWon\n".encode("utf-16"),
        'name,"stage"\n"Müller","Won"\n\n,,\n'.encode(),
    ],
)
def test_it_reads_what_spreadsheets_write(content: bytes) -> None:
    [line] = lines(decoded(content))
    assert not isinstance(line, tuple)
    assert (line.number, line.name, line.facts) == (2, "Müller", {"stage": "Won"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "name the columns"),
        ("stage,amount\nx,1", "name the columns"),
        ("name,company\nA,B", "Two columns"),
        ("\x00\x01\xff" * 50, "name the columns"),
        ("name\n" + "a" * 200_000, "is no CSV"),
        ("name\n" + "a\n" * (MOST_LINES + 1), "more than"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(UnreadableTable, match=said):
        list(lines(text))


def test_it_says_which_line_is_wrong_and_why() -> None:
    text = (
        "name,domain,stage,amount,currency\n"
        'Acme,"https://www.acme.com/ ann@acme.de",Won,"1,200.00",eur\n'
        ",x.com,,,\n"
        '"two\nlines",,,,\n'
        "B,gmail.com,,,\n"
        "C,nonsense,,,\n"
        "D,,,=1+1,\n"
        "E,,,,euro\n"
        f"F,,{'x' * 61},,\n"
        "'=HYPERLINK(1),,'+x,,\n"
    )
    acme, *rest, formula = lines(text)
    assert not isinstance(acme, tuple) and not isinstance(formula, tuple)
    assert acme.domains == ["acme.com", "acme.de"]
    assert acme.facts == {"stage": "Won", "amount": Decimal(1200), "currency": "EUR"}
    numbers = [one[0] if isinstance(one, tuple) else one.name for one in rest]
    assert numbers == [3, "two lines", 6, 7, 8, 9, 10]
    assert (formula.number, formula.name) == (11, "=HYPERLINK(1)")
    assert formula.facts == {"stage": "+x"}


TEXT = """name,domain,stage,amount
ACME,acme.com,Won,5
Globex,globex.com,,
Same,,Lost,
Same again,acme.com,,
globex,,,
"""


@pytest.fixture
def known(cast: Cast) -> User:
    """Two customers that the table changes and leaves."""
    Account.objects.create(name="Acme", stage="Proposal", deal="Renewal")
    Account.objects.create(name="Same", stage="Lost")
    return User.objects.get(pk=cast.meeting.owner_id)


def test_it_says_what_it_would_do_and_writes_nothing(known: User) -> None:
    plan = sheet.planned(TEXT)
    assert [line.name for line in plan.new] == ["Globex"]
    assert [line.name for line in plan.changed] == ["ACME"]
    assert plan.same == 1
    assert plan.errors == [
        (5, "acme.com is of ACME already."),
        (6, "globex stands in line 3 already."),
    ]
    assert Account.objects.count() == 2 and not AccountDomain.objects.exists()


def test_it_does_what_it_said(cast: Cast, known: User) -> None:
    Participant.objects.filter(meeting=cast.meeting, user=None).update(
        email="g@globex.com"
    )
    sheet.apply(TEXT, known)
    acme = Account.objects.get(key="acme")
    facts = (acme.name, acme.stage, acme.deal, acme.amount)
    assert facts == ("Acme", "Won", "Renewal", Decimal(5))  # empty cells clear nothing
    globex = Account.objects.get(name="Globex")
    assert globex.created_by == known and globex.domains.get().domain == "globex.com"
    assert Meeting.objects.get(pk=cast.meeting.pk).account == globex
    again = sheet.planned(TEXT)
    assert (len(again.taken), again.same) == (0, 3)


def test_a_file_is_shown_first_and_then_written(cast: Cast) -> None:
    User.objects.filter(pk=cast.meeting.owner_id).update(is_staff=True)
    client = cast.owner.client
    file = SimpleUploadedFile("c.csv", TEXT.encode())
    shown = client.post("/customers/table/", {"file": file})
    html = shown.content.decode()
    assert "Nothing is written yet" in html and "Line 5" in html
    assert not Account.objects.exists()
    done = client.post("/customers/table/", {"text": TEXT, "apply": "1"}, follow=True)
    assert "3 customers are new, 0 are changed. 2 lines were left out." in (
        done.content.decode()
    )
    for data in ({}, {"text": "x"}, {"file": SimpleUploadedFile("c", b"\x00" * 99)}):
        assert client.post("/customers/table/", data).status_code == 422


def test_what_goes_out_can_come_in_and_runs_nowhere(cast: Cast) -> None:
    Account.objects.create(
        name="=cmd|' /C calc'!A0", stage="+1", created_by=cast.owner.user
    )
    out = cast.owner.client.get("/customers/customers.csv").content.decode()
    assert "\"'=cmd" in out or "'=cmd" in out.splitlines()[1]
    assert out.splitlines()[1].startswith(("'=", "\"'="))
    plan = sheet.planned(out)
    assert (plan.same, plan.taken, plan.errors) == (1, [], [])


def test_two_thousand_customers_take_few_queries(
    known: User, django_assert_max_num_queries: object
) -> None:
    text = "name,domain\n" + "".join(f"C{n},c{n}.com\n" for n in range(2_000))
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        sheet.apply(text, known)
    assert AccountDomain.objects.count() == 2_000
