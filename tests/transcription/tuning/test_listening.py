"""Filler words and words of who listens, as a site sets them."""

import pytest

from dashboard.stats.compute import figures
from dashboard.stats.gather import timeline_of
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say
from transcription.models import Language
from transcription.tuning import toml
from transcription.tuning.listening import FILLERS, listening

pytestmark = pytest.mark.django_db


def test_a_language_has_our_list_at_first() -> None:
    assert listening()["en"].fillers == FILLERS["en"]
    Language.objects.filter(code="en").delete()
    assert listening()["en"].fillers == FILLERS["en"]


def test_a_list_that_was_emptied_stays_empty() -> None:
    Language.objects.filter(code="en").update(fillers="")
    assert listening()["en"].fillers == ()


def test_a_new_language_of_a_file_has_our_list_unless_it_names_one() -> None:
    Language.objects.filter(code__in=("de", "fr")).delete()
    toml.load("[de]\nname = 'German'\n[fr]\nfillers = ['Voilà', 'du coup']")
    assert listening()["de"].fillers == FILLERS["de"]
    assert listening()["fr"].fillers == ("Voilà", "du coup")
    assert "Voilà" in toml.dump()


@pytest.fixture
def call(cast: Cast) -> Meeting:
    return end(cast.meeting)


@pytest.fixture
def owner(cast: Cast) -> Participant:
    assert cast.owner.seat
    return cast.owner.seat


def of_person(call: Meeting, person: Participant, name: str) -> float | None:
    return figures(timeline_of(call)).people[person.pk][name].value


def test_the_statistics_obey_it_at_once(call: Meeting, owner: Participant) -> None:
    say(owner, 0, "Basically we like it", language="en")
    assert of_person(call, owner, "fillers") == 0
    Language.objects.filter(code="en").update(fillers="basically\nto be fair")
    assert of_person(call, owner, "fillers") == 25


def test_only_listed_words_are_backchannels_where_there_is_a_list(
    cast: Cast, call: Meeting, owner: Participant
) -> None:
    assert cast.guest.seat
    story = "we have had this problem for a very long time now in our company"
    say(cast.guest.seat, 0, story, voice=[[0, 9_000]], language="en")
    say(owner, 3_000, "Stop it", voice=[[3_000, 3_500]], language="en")
    say(owner, 6_000, "Mm-hm, right.", voice=[[6_000, 6_500]], language="en")
    count = "backchannels"
    assert figures(timeline_of(call)).call[count].value == 2
    Language.objects.filter(code="en").update(backchannels="mm-hm\nright")
    assert figures(timeline_of(call)).call[count].value == 1


def test_an_admin_edits_it(cast: Cast) -> None:
    assert cast.owner.user
    cast.owner.user.is_staff = cast.owner.user.is_superuser = True
    cast.owner.user.save()
    english = Language.objects.get(code="en")
    form = {"code": "en", "name": "English", "enabled": "on", "weak_speech": 0.3}
    form |= {"weak_probability": 0.5, "weak_no_speech": 0.3, "fillers": "like"}
    address = f"/admin/transcription/language/{english.pk}/change/"
    assert cast.owner.client.post(address, form).status_code == 302
    assert listening()["en"].fillers == ("like",)
