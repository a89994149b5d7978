"""Titles and names follow their rows."""

import pytest

from dashboard.models import Label
from dashboard.search.index import rebuild
from dashboard.search.labels import is_named, named
from meetings import services
from meetings.models import Meeting, Participant
from tests.cast import Cast


def labels(meeting: Meeting) -> set[str]:
    return {str(label) for label in Label.objects.filter(meeting=meeting)}


def test_it_keeps_titles_and_names(cast: Cast) -> None:
    assert labels(cast.meeting) == {"discovery call", "olga owner", "gita guest"}


def test_it_follows_what_is_renamed(cast: Cast) -> None:
    assert cast.guest.seat
    services.rename(cast.meeting, "Crème & Co.")
    cast.guest.seat.name = "Gita Müller"
    cast.guest.seat.save(update_fields=["name"])
    assert labels(cast.meeting) == {"creme co", "olga owner", "gita muller"}
    services.rename(cast.meeting, "")
    assert labels(cast.meeting) == {"olga owner", "gita muller"}


def test_it_leaves_them_alone_when_something_else_is_saved(cast: Cast) -> None:
    Label.objects.update(normal=" kept ")
    cast.meeting.save(update_fields=["state"])
    assert labels(cast.meeting) == {"kept"}


def test_the_index_makes_them_anew(cast: Cast) -> None:
    Participant.objects.filter(meeting=cast.meeting).update(name="Somebody else")
    Meeting.objects.filter(pk=cast.meeting.pk).update(title="")
    cast.meeting.refresh_from_db()
    rebuild(cast.meeting)
    assert labels(cast.meeting) == {"somebody else"}


def test_they_go_with_their_person(cast: Cast) -> None:
    assert cast.guest.seat
    cast.guest.seat.delete()
    assert "gita guest" not in labels(cast.meeting)


@pytest.mark.parametrize(
    ("text", "value", "meant"),
    [
        ("Ann Lee", "ann", True),
        ("Ann Lee", "lee ann", False),
        ("Anna Lee", "ann", False),
        ("Anna Lee", "ann*", True),
        ("Zoë", "ZOE", True),
        ("株式会社東京", "東京", True),
        ("100% _Co", "% _co", True),
        ("Ann Lee", "%", False),
        ("", "ann", False),
    ],
)
def test_it_finds_whole_words_of_a_name(
    cast: Cast, text: str, value: str, meant: bool
) -> None:
    assert cast.guest.seat
    cast.guest.seat.name = text
    cast.guest.seat.save()
    assert is_named(text, [value]) is meant
    assert named(value).filter(participant=cast.guest.seat).exists() is meant
