"""Every filter, in SQL; on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import travel

from dashboard.models import Hit, SavedSearch, StoredFigure
from dashboard.search import Asker, found_calls, found_turns, parse
from dashboard.search.index import rebuild
from meetings.models import Account, ConsentChoice, Meeting, Participant
from tests.cast import Cast, live_meeting
from tests.dashboard.calls import add_person, end, say
from transcription.models import Removal

MINUTE = 60_000
US = Participant.Side.US


@pytest.fixture
def asker(cast: Cast) -> Asker:
    assert cast.owner.user
    return Asker(cast.owner.user)


@pytest.fixture
def acme(cast: Cast, ended: Meeting) -> Meeting:
    """An hour with Acme: Olga (us) and Gita (customer) speak."""
    assert cast.owner.seat and cast.guest.seat
    ended.title = "Acme renewal"
    ended.account = Account.objects.called("ACME Corp")
    end(ended, 60 * MINUTE)
    say(cast.owner.seat, 0, "Welcome to our call about the budget")
    say(cast.guest.seat, 8 * MINUTE, "What is the price of it?", language="en")
    say(cast.owner.seat, 9 * MINUTE, "I will send you the offer", language="en")
    say(cast.guest.seat, 58 * MINUTE, "Le budget est de 500 euros", language="fr")
    rebuild(ended)
    return ended


@pytest.fixture
def globex(asker: Asker) -> Meeting:
    """A colleague's chat of yesterday, ten minutes; nobody of a customer is in it."""
    ben = User.objects.create_user("ben", "ben@example.com", first_name="Ben")
    [team] = asker.user.groups.all()  # type: ignore[union-attr]
    team.user_set.add(ben)
    meeting = live_meeting(ben, "Globex")
    meeting.started_at = meeting.created_at = timezone.now() - timedelta(days=1)
    end(meeting, 10 * MINUTE)
    say(add_person(meeting, "Ben Berg", user=ben, side=US), 0, "The plan is to wait")
    rebuild(meeting)
    return meeting


def words(asker: Asker, query: str) -> list[str]:
    """The first two words of each turn that is found."""
    rows = found_turns(asker, parse(query)).order_by("start_ms")
    return [" ".join(turn.text.split()[:2]) for turn in rows]


def titles(asker: Asker, query: str) -> set[str]:
    return {meeting.title for meeting in found_calls(asker, parse(query))}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("budget | price", ["Welcome to", "What is", "Le budget"]),
        ("budget -welcome", ["Le budget"]),
        ("(budget welcome) | offer", ["Welcome to", "I will"]),
        ("budget -(euros | welcome)", []),
        ("by:customer", ["What is", "Le budget"]),
        ("by:us", ["Welcome to", "I will"]),
        ("side:us,them price", ["What is"]),
        ("by:gita", ["What is", "Le budget"]),
        ('by:"gita guest" budget', ["Le budget"]),
        ("by:me", ["Welcome to", "I will"]),
        ("by:OWNER@example.com", ["Welcome to", "I will"]),
        ("-by:gita budget", ["Welcome to"]),
        ("by:guest,nobody price", ["What is"]),
        ("by:uest price", []),
        ("in:first5m", ["Welcome to"]),
        ("in:last5m", ["Le budget"]),
        ("in:first15%", ["Welcome to", "What is"]),
        ("in:last10%", ["Le budget"]),
        ("in:8m..9m", ["What is"]),
        ("has:question", ["What is"]),
        ("has:commitment", ["I will"]),
        ("has:number", ["Le budget"]),
        ("has:number,question", ["What is", "Le budget"]),
        ("lang:fr", ["Le budget"]),
        ("budget account:acme", ["Welcome to", "Le budget"]),
        ("budget -account:acme", []),
        ("budget | account:globex", ["Welcome to", "Le budget"]),
        ("price + euros", ["What is", "Le budget"]),
        ("price + nonsense", []),
        ("price + -nonsense", ["What is"]),
        ("price + -euros", []),
        ("price + -(euros in:first5m)", ["What is"]),
    ],
)
def test_it_finds_turns(
    asker: Asker, acme: Meeting, query: str, found: list[str]
) -> None:
    assert words(asker, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("account:acme", {"Acme renewal"}),
        ("account:acm*", {"Acme renewal"}),
        ("account:acm", set()),
        ("-account:acme", {"Globex"}),
        ("owner:me", {"Acme renewal"}),
        ("owner:ben", {"Globex"}),
        ("owner:ben,me", {"Acme renewal", "Globex"}),
        ("owner:ben@example.com", {"Globex"}),
        ("team:sales", {"Acme renewal", "Globex"}),
        ("team:emea", set()),
        ("with:gita", {"Acme renewal"}),
        ("with:me", {"Acme renewal"}),
        ("with:ben@example.com", {"Globex"}),
        ("title:renewal", {"Acme renewal"}),
        ('title:"renewal acme"', set()),
        ("is:internal", {"Globex"}),
        ("-is:internal", {"Acme renewal"}),
        ("is:live", set()),
        ("length>30m", {"Acme renewal"}),
        ("length:5..30", {"Globex"}),
        ("people>=2", {"Acme renewal"}),
        ("people=1", {"Globex"}),
        ("on:today", {"Acme renewal"}),
        ("to:yesterday", {"Globex"}),
        ("from:1d", {"Acme renewal", "Globex"}),
        ("-budget", {"Globex"}),
        ("-budget account:acme", set()),
        ("budget", {"Acme renewal"}),
        ("title:globex | budget", {"Acme renewal", "Globex"}),
        ("is:live | price + owner:me", {"Acme renewal"}),
    ],
)
def test_it_finds_calls(
    asker: Asker, acme: Meeting, globex: Meeting, query: str, found: set[str]
) -> None:
    assert titles(asker, query) == found


def test_it_finds_an_account_by_stage_and_deal(asker: Asker, acme: Meeting) -> None:
    Account.objects.update(stage="Proposal sent", deal="Renewal 2027")
    for query in ("stage:proposal", 'deal:"renewal 2027"', "account:acme stage:sent"):
        assert titles(asker, query) == {"Acme renewal"}
    assert titles(asker, "stage:won") == set()


def test_it_finds_a_call_by_its_code(asker: Asker, acme: Meeting) -> None:
    assert titles(asker, f"id:{acme.code}") == {"Acme renewal"}
    assert words(asker, f"price id:{acme.code}") == ["What is"]


def test_it_finds_hits_of_trackers(asker: Asker, acme: Meeting, cast: Cast) -> None:
    turn = acme.turns.get(text__startswith="What")
    assert cast.stranger.user and cast.owner.user
    for owner, name in ((cast.owner.user, "Price"), (cast.stranger.user, "Theirs")):
        tracker = SavedSearch.objects.create(name=name, owner=owner, tracked=True)
        Hit.objects.create(
            search=tracker,
            version=1,
            meeting=acme,
            participant=turn.participant,
            turn=turn,
            begin=12,
            end=17,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
        )
    assert words(asker, "tracker:price") == ["What is"]
    assert words(asker, "tracker:price by:us") == []
    assert words(asker, "tracker:theirs") == []
    assert words(asker, "price + -(tracker:price in:last20%)") == ["What is"]


def test_it_finds_states(asker: Asker, acme: Meeting, cast: Cast) -> None:
    assert cast.guest.seat and cast.owner.user
    live_meeting(cast.owner.user, "Now")
    ConsentChoice.objects.create(
        participant=cast.guest.seat, choice="recorded", way=ConsentChoice.Way.IMPORTED
    )
    Meeting.objects.filter(pk=acme.pk).update(visibility=Meeting.Visibility.PRIVATE)
    assert titles(asker, "is:live") == {"Now"}
    assert titles(asker, "is:imported") == {"Acme renewal"}
    assert titles(asker, "is:private") == {"Acme renewal"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("talk>65", True),
        ("talk>70", False),
        ("talk:60..70%", True),
        ("monologue>=2m", True),
        ("monologue>2m", False),
        ("patience<5", False),
        ("-patience<5", True),
        ("price talk>65", True),
        ("talk<20", False),
        ("talk<20 owner:me", True),
        ("monologue>1m owner:me", True),
    ],
)
def test_it_finds_figures(
    cast: Cast, asker: Asker, acme: Meeting, query: str, found: bool
) -> None:
    """A grey figure is in no range."""
    figures = [
        (None, "talk_ratio", 70.0),
        (None, "longest_monologue_s", 120.0),
        (None, "patience_s", None),
        (cast.owner.seat, "talk", 15.0),
        (cast.guest.seat, "talk", 85.0),
    ]
    StoredFigure.objects.all().delete()
    for person, name, value in figures:
        StoredFigure.objects.create(
            meeting=acme, participant=person, figure=name, value=value, version=1
        )
    assert titles(asker, query) == ({"Acme renewal"} if found else set())


def test_it_finds_what_others_spoke_into(cast: Cast, asker: Asker) -> None:
    assert cast.owner.seat and cast.guest.seat
    say(cast.owner.seat, 0, "We speak at once", end_ms=4000)
    say(cast.guest.seat, 3500, "Let me say this", end_ms=6000)
    say(cast.guest.seat, 20_000, "Nobody else speaks")
    say(cast.owner.seat, 30_000, "A short breath", end_ms=31_000)
    say(cast.guest.seat, 30_900, "and then me again", end_ms=32_000)
    rebuild(cast.meeting)
    assert words(asker, "has:crosstalk") == ["We speak", "Let me"]


def test_it_finds_what_something_was_taken_out_of(cast: Cast, asker: Asker) -> None:
    assert cast.owner.seat
    say(cast.owner.seat, 0, "The first turn", end_ms=2000)
    say(cast.owner.seat, 10_000, "The second one", end_ms=12_000)
    for start, restored in ((11_000, None), (1000, timezone.now())):
        Removal.objects.create(
            meeting=cast.meeting,
            participant=cast.owner.seat,
            raw="Thanks",
            reason="loop",
            start_ms=start,
            end_ms=start + 100,
            restored_at=restored,
        )
    rebuild(cast.meeting)
    assert words(asker, "has:removed") == ["The second"]


def test_days_are_those_of_the_asker(cast: Cast) -> None:
    """23:30 on the 19th in UTC is the 20th in Berlin, and the 19th in New York."""
    assert cast.owner.user
    began = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    Meeting.objects.filter(pk=cast.meeting.pk).update(started_at=began)
    for zone, day in (("Europe/Berlin", "20"), ("America/New_York", "19")):
        asker = Asker(cast.owner.user, ZoneInfo(zone))
        for key, found in (("on", True), ("from", True), ("to", True)):
            assert bool(titles(asker, f"{key}:2026-11-{day}")) is found
        other = {"20": "19", "19": "20"}[day]
        assert not titles(asker, f"on:2026-11-{other}")


def test_today_is_that_of_the_asker(cast: Cast) -> None:
    assert cast.owner.user
    began = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    Meeting.objects.filter(pk=cast.meeting.pk).update(started_at=began)
    with travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=False):
        new_york = Asker(cast.owner.user, ZoneInfo("America/New_York"))
        assert titles(new_york, "on:today") == {"Discovery call"}
        assert titles(Asker(cast.owner.user), "on:today") == {"Discovery call"}
    with travel(datetime(2026, 11, 20, 6, 0, tzinfo=UTC), tick=False):
        assert titles(new_york, "on:yesterday") == {"Discovery call"}


FORBIDDEN = [
    *("secret", "secr*", "-nothing", "has:number", "account:umbrella", "title:vault"),
    *("with:gita", "owner:stranger", "people>=1", "on:today", "is:live", "talk>1"),
    *("secret | public", "secret + vault | secret", "by:gita", "-secret", "id:{code}"),
]


@pytest.mark.parametrize("query", FORBIDDEN)
def test_it_never_finds_what_may_not_be_seen(cast: Cast, query: str) -> None:
    """Whatever is asked: a stranger's call is not there, not even as a number."""
    assert cast.owner.user and cast.stranger.user and cast.other_guest.seat
    theirs = cast.other_guest.seat.meeting
    theirs.title, theirs.account = "The vault", Account.objects.called("Umbrella")
    theirs.save()
    say(cast.other_guest.seat, 0, "Our secret is 42")
    rebuild(theirs)
    StoredFigure.objects.create(meeting=theirs, figure="talk_ratio", value=9, version=1)
    query = query.format(code=theirs.code)
    reader = parse(query)
    seen = {
        name: found_calls(Asker(user), reader).filter(pk=theirs.pk).exists()
        or found_turns(Asker(user), reader).filter(meeting=theirs).exists()
        for name, user in (("owner", cast.owner.user), ("him", cast.stranger.user))
    }
    assert seen["owner"] is False
    assert seen["him"] is (query != "-secret")
