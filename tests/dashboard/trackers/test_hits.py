"""Hits of a call, as its text comes and goes."""

from datetime import timedelta

from django.utils import timezone

from dashboard.models import Hit
from dashboard.search.index import rebuild
from meetings.models import Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker, words


def test_a_call_that_is_indexed_has_its_hits(cast: Cast, owner: Participant) -> None:
    price = tracker(cast.owner, "price", "price list")
    say(owner, 12_000, "So here is the price list")
    rebuild(owner.meeting)
    [hit] = Hit.objects.all()
    assert words(price) == ["price list"]
    assert (hit.search, hit.version, hit.meeting) == (price, 1, owner.meeting)
    assert (hit.participant, hit.side) == (owner, "us")
    assert (hit.start_ms, hit.end_ms) == (13_200, 13_750)


def test_a_phrase_is_found_across_the_lines_of_a_turn(
    cast: Cast, owner: Participant
) -> None:
    price = tracker(cast.owner, "not in our budget")
    say(owner, 0, "That is not in")
    say(owner, 1_500, "our budget this year.")
    rebuild(owner.meeting)
    assert words(price) == ["not in our budget"]


def test_hits_follow_the_text(cast: Cast, owner: Participant) -> None:
    price = tracker(cast.owner, "price")
    line = say(owner, 0, "The price")
    rebuild(owner.meeting)
    line.text = "The prize"
    line.save()
    rebuild(owner.meeting)
    assert words(price) == []


def test_hits_follow_the_side_and_the_name_of_who_speaks(
    cast: Cast, owner: Participant
) -> None:
    theirs = tracker(cast.owner, "price", side="them")
    named = tracker(cast.owner, "price", person="Anna Ames")
    say(owner, 0, "The price")
    rebuild(owner.meeting)
    assert (words(theirs), words(named)) == ([], [])
    Participant.objects.filter(pk=owner.pk).update(side="them", name="Anna Ames")
    rebuild(owner.meeting)
    assert (words(theirs), words(named)) == (["price"], ["price"])
    assert {hit.side for hit in Hit.objects.all()} == {"them"}


def test_what_is_no_tracker_has_no_hits(cast: Cast, owner: Participant) -> None:
    kept = tracker(cast.owner, "price")
    kept.tracked = False
    kept.save()
    say(owner, 0, "The price")
    rebuild(owner.meeting)
    assert not Hit.objects.exists()


def test_what_is_heard_again_is_no_news(cast: Cast, owner: Participant) -> None:
    tracker(cast.owner, "price")
    say(owner, 0, "The price")
    rebuild(owner.meeting)
    long_ago = timezone.now() - timedelta(hours=5)
    Hit.objects.update(found_at=long_ago)
    say(owner, 20_000, "The price again")
    rebuild(owner.meeting)
    assert set(Hit.objects.values_list("found_at", flat=True)) == {long_ago}


def test_a_call_of_long_ago_is_no_news_whenever_it_comes(
    cast: Cast, owner: Participant
) -> None:
    tracker(cast.owner, "price")
    day = timezone.now() - timedelta(days=400)
    Meeting.objects.filter(pk=owner.meeting_id).update(started_at=day)
    owner.meeting.refresh_from_db()
    say(owner, 0, "The price")
    rebuild(owner.meeting)
    assert Hit.objects.get().found_at == day


def test_hits_go_with_the_person_the_call_and_the_tracker(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    first, second = tracker(cast.owner, "price"), tracker(cast.owner, "price")
    say(owner, 0, "The price")
    say(guest, 20_000, "Our price")
    rebuild(owner.meeting)
    assert Hit.objects.count() == 4
    guest.delete()
    assert (words(first), words(second)) == (["price"], ["price"])
    second.delete()
    assert Hit.objects.count() == 1
    owner.meeting.delete()
    assert Hit.objects.count() == 0


def test_markup_and_odd_scripts_are_text(cast: Cast, owner: Participant) -> None:
    odd = tracker(cast.owner, "<b>price</b>", "高い", "🙂", "שלום")
    say(owner, 0, "a <b>price</b> b")
    say(owner, 10_000, "この価格は高いです 🙂")
    say(owner, 20_000, "\u202eשלום")
    rebuild(owner.meeting)
    assert words(odd) == ["b>price</b", "高い", "שלום"]
