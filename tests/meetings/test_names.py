import pytest
from django.contrib.auth.models import User

from meetings import services
from meetings.models import Account, Meeting, Participant
from meetings.models.names import file_name, initials_of, one_line
from tests.cast import Cast

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f466"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna   Lind ", "Anna Lind"),
        ("Anna\nLind", "Anna Lind"),
        ("Anna\x00Lind", "Anna Lind"),
        ("\u202eevil\u2066", "evil"),
        ("Zo\u00eb", "Zo\u00eb"),
        ("half \ud83d of a pair", "half of a pair"),
        ("\u200b", ""),
        ("\u200d \u200c", ""),
        ("\u200dAnna\u200d", "Anna"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",) * 2,
        (FAMILY, FAMILY),
    ],
)
def test_it_keeps_what_can_be_seen_of_a_name(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


@pytest.mark.django_db
def test_names_are_kept_on_one_line_whoever_writes_them(cast: Cast) -> None:
    meeting = Meeting.objects.create(
        owner=cast.meeting.owner,
        title="Q3\u202e\x00plan",
        account=Account.objects.create(name="Globex\u2066"),
    )
    assert meeting.title == "Q3 plan"
    Participant.objects.filter(meeting=cast.meeting).update(name="An\u202ena\x00")
    names = cast.meeting.participants.values_list("name", flat=True)
    assert set(names) == {"Anna"}
    meeting.refresh_from_db()
    assert meeting.account
    assert (meeting.title, meeting.account.name) == ("Q3 plan", "Globex")


def test_an_account_without_a_name_that_can_be_seen_has_its_own() -> None:
    assert services.name_of(User(username="anna", first_name="\u202e")) == "anna"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Anna Lind", "AL"),
        ("anna maria lind", "AM"),
        ("<b>Ben</b>", "B"),
        ("(Acme) ~Zo\u00eb", "AZ"),
        (f"{FAMILY} Mom", "M"),
        ("Ben \U0001f469", "B"),
        (f"{FAMILY}\U0001f469", FAMILY),
        ("\U0001f44d\U0001f3fd\U0001f44d", "\U0001f44d\U0001f3fd"),
        ("3 Com", "3C"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645"),
        ("...", "."),
        ("", "?"),
    ],
)
def test_it_shows_a_face_by_letters_before_signs(name: str, initials: str) -> None:
    assert initials_of(name) == initials


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Northwind / Contoso", "Northwind - Contoso"),
        ("..\\..\\etc", "etc"),
        ("CON", "_CON"),
        ("nul.backup", "_nul.backup"),
        ("Conference", "Conference"),
        ("Renewal. ", "Renewal"),
        ("\u202etxt.exe", "txt.exe"),
        ("e\u0301", "\u00e9"),
        ("???", "call"),
        ("\U0001f44d" * 60, "\U0001f44d" * 37),
    ],
)
def test_a_name_is_a_file_on_every_system(name: str, file: str) -> None:
    assert file_name(name, ".txt") == f"{file}.txt"
