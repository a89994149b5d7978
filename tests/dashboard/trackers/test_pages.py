"""The pages of trackers and saved searches."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import Alert, Hit, SavedSearch
from dashboard.search.index import rebuild
from dashboard.trackers import saving
from dashboard.trackers.backfill import KIND
from dashboard.trackers.sets import SETS
from dashboard.trackers.wanted import read
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast, Visitor
from tests.dashboard.calls import say
from tests.dashboard.trackers.rows import tracker, words

ACCOUNTS = {"owner", "teammate", "stranger"}
FORM: dict[str, Any] = {
    "name": "Price",
    "colour": "4",
    "phrases_en": "price\n price list \r\n\nprice",
    "without": "half price",
    "related": "on",
    "side": "them",
    "part": "first",
    "amount": "20",
    "unit": "percent",
}


def text_of(answer: Any) -> str:
    """What a person reads of a page."""
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(bare.split())


def page(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = visitor.client.get(path)
    assert answer.status_code == status, path
    return text_of(answer)


def send(visitor: Visitor, path: str, status: int = 302, **fields: Any) -> str:
    answer = visitor.client.post(path, fields)
    assert answer.status_code == status, (path, text_of(answer))
    return text_of(answer)


def test_the_lists_require_an_account(cast: Cast) -> None:
    for path in ("", "new/", "news/"):
        assert cast.let_in(f"/trackers/{path}") == ACCOUNTS
    assert cast.let_in("/searches/?q=price") == ACCOUNTS
    for path in ("trackers/preview/", "trackers/seen/", "trackers/sets/pricing/"):
        assert cast.let_in(f"/{path}", "post") == ACCOUNTS
    saved = {"query": "price"}
    assert cast.let_in("/searches/save/", "post", data=saved) == ACCOUNTS


@pytest.mark.parametrize("path", ["", "edit/", "filling/"])
def test_a_tracker_is_its_owners_and_when_shared_the_teams(
    cast: Cast, path: str
) -> None:
    own, shared = tracker(cast.owner, "a"), tracker(cast.owner, "b", shared=True)
    assert cast.let_in(f"/trackers/{own.pk}/{path}") == {"owner"}
    assert cast.let_in(f"/trackers/{shared.pk}/{path}") == {"owner", "teammate"}


@pytest.mark.parametrize("path", ["alert/", "retry/"])
def test_what_one_does_with_a_tracker_is_for_those_who_see_it(
    cast: Cast, path: str
) -> None:
    own, shared = tracker(cast.owner, "a"), tracker(cast.owner, "b", shared=True)
    assert cast.let_in(f"/trackers/{own.pk}/{path}", "post") == {"owner"}
    let_in = cast.let_in(f"/trackers/{shared.pk}/{path}", "post")
    assert let_in == {"owner", "teammate"}


def test_only_the_owner_deletes(cast: Cast) -> None:
    shared = tracker(cast.owner, "b", shared=True)
    for visitor in cast.everybody:
        if visitor != cast.owner:
            assert not visitor.gets_in(f"/trackers/{shared.pk}/delete/", "post")
    send(cast.owner, f"/trackers/{shared.pk}/delete/")
    assert not SavedSearch.objects.exists()


def test_the_hits_of_a_call_are_for_those_who_see_it(cast: Cast) -> None:
    path = f"/calls/{cast.code}/trackers/"
    assert cast.let_in(path) == {"owner", "teammate"}


@pytest.fixture
def heard(cast: Cast, owner: Participant) -> SavedSearch:
    """A shared tracker of the owner, with a hit in the cast's call and one in a call of
    the stranger."""
    assert cast.other_guest.seat
    search = tracker(cast.owner, "price", shared=True)
    say(owner, 12_000, "So here is the price of it")
    say(cast.other_guest.seat, 0, "A secret price of theirs")
    rebuild(owner.meeting)
    rebuild(cast.other_guest.seat.meeting)
    assert Hit.objects.count() == 2
    return search


def test_it_shows_hits_of_calls_that_the_reader_may_see(
    cast: Cast, heard: SavedSearch
) -> None:
    for visitor in (cast.owner, cast.teammate):
        html = page(visitor, f"/trackers/{heard.pk}/")
        assert "So here is the price of it" in html
        assert "1 hit," in html
        assert "secret" not in html
        assert "1 hit in 30 days" in page(visitor, "/trackers/")
    Meeting.objects.update(visibility=Meeting.Visibility.PRIVATE)
    assert "Nobody has said this" in page(cast.teammate, f"/trackers/{heard.pk}/")
    assert "0 hits in 30 days" in page(cast.teammate, "/trackers/")


def test_a_hit_leads_to_its_second(cast: Cast, heard: SavedSearch) -> None:
    html = cast.owner.client.get(f"/trackers/{heard.pk}/").content.decode()
    assert f'href="/calls/{cast.code}/#t=13.2"' in html
    assert "<mark>price</mark>" in html


def test_hits_near_each_other_are_one_quote(cast: Cast, owner: Participant) -> None:
    search = tracker(cast.owner, "price")
    say(owner, 0, "A price and a price and " + "so on " * 40 + "and a price")
    rebuild(owner.meeting)
    html = cast.owner.client.get(f"/trackers/{search.pk}/").content.decode()
    assert html.count("A <mark>price</mark> and a <mark>price</mark>") == 1
    assert html.count("<mark>") == 3
    assert "3 hits, the newest call first" in html


def test_the_page_of_a_call_lists_its_hits(cast: Cast, heard: SavedSearch) -> None:
    html = page(cast.owner, f"/calls/{cast.code}/trackers/")
    assert "Price 1 0:13 Olga Owner So here is the price of it" in html
    SavedSearch.objects.update(shared=False)
    told = page(cast.teammate, f"/calls/{cast.code}/trackers/")
    assert "Trackers mark what you look for" in told


def test_the_lanes_of_a_call_have_a_row_of_hits(cast: Cast, heard: SavedSearch) -> None:
    def marks(visitor: Visitor) -> list[list[Any]]:
        told = visitor.client.get(f"/calls/{cast.code}/marks/").json()
        assert ["tracker", "Trackers"] in told["rows"]
        return [mark for mark in told["marks"] if mark[0] == "tracker"]

    found = [["tracker", 13_200, "0:13 Price: price", "#t=13.2"]]
    assert marks(cast.owner) == marks(cast.teammate) == found
    SavedSearch.objects.update(shared=False)
    assert (marks(cast.owner), marks(cast.teammate)) == (found, [])


def test_a_new_tracker_keeps_what_the_form_says(cast: Cast) -> None:
    send(cast.owner, "/trackers/new/", **FORM)
    row = SavedSearch.objects.get()
    assert (row.name, row.colour, row.owner) == ("Price", 4, cast.owner.user)
    assert (row.tracked, row.shared, row.version) == (True, False, 1)
    wanted = read(row.form)
    assert wanted.phrases == {"en": ["price", "price list"]}
    assert (wanted.without, wanted.related) == (["half price"], True)
    assert (wanted.side, wanted.place.part, wanted.place.amount) == (
        "them",
        "first",
        20,
    )
    assert wanted.place.percent
    job = Job.objects.get(kind=KIND)
    assert job.payload == {"search": row.pk}


def test_the_editor_shows_what_is_kept(cast: Cast) -> None:
    send(cast.owner, "/trackers/new/", **FORM)
    row = SavedSearch.objects.get()
    html = cast.owner.client.get(f"/trackers/{row.pk}/edit/").content.decode()
    assert "price\nprice list</textarea>" in html
    assert '<option value="them" selected>' in html
    assert "half price</textarea>" in html
    assert 'value="20"' in html


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"phrases_en": " \n"}, "Enter a phrase to look for."),
        ({"phrases_en": "?!"}, "“?!” has no letter and no digit"),
        ({"name": " "}, "This field is required."),
        ({"side": "person"}, "Enter the name, as it stands in the calls."),
        ({"amount": "101"}, "100 percent are the whole call."),
        ({"phrases_en": "x" * 100_000}, "… ” is too long: 100 characters at most."),
        (
            {"phrases_en": "\n".join(f"phrase {n}" for n in range(100_000))},
            "100,001 phrases are too many: 500 at most",
        ),
    ],
)
def test_the_form_says_what_is_wrong_once(
    cast: Cast, change: dict[str, str], sentence: str
) -> None:
    html = send(cast.owner, "/trackers/new/", 422, **{**FORM, **change})
    assert html.count(sentence.replace("… ”", "x …”")) == 1
    assert not SavedSearch.objects.exists()


def test_a_form_that_no_server_takes_says_so(cast: Cast) -> None:
    phrases = "\n".join(f"a phrase of some length, {n}" for n in range(100_000))
    told = send(cast.owner, "/trackers/new/", 400, **{**FORM, "phrases_en": phrases})
    assert "It is too long for a form" in told


def test_the_later_of_two_who_change_it_is_told(cast: Cast) -> None:
    row = tracker(cast.owner, "price", shared=True)
    path = f"/trackers/{row.pk}/edit/"
    send(cast.teammate, path, **FORM, edit="1")
    later = {**FORM, "phrases_en": "cost"}
    answer = cast.owner.client.post(path, {**later, "edit": "1"})
    assert answer.status_code == 409
    assert "teammate changed this after you opened it" in text_of(answer)
    html = answer.content.decode()
    assert ">cost</textarea>" in html.replace("\n", "")
    assert 'name="edit" value="2"' in html
    row.refresh_from_db()
    assert read(row.form).phrases == {"en": ["price", "price list"]}
    send(cast.owner, path, **later, edit="2")
    row.refresh_from_db()
    assert (read(row.form).phrases, row.edit) == ({"en": ["cost"]}, 3)


def test_a_change_of_words_looks_again_and_one_of_the_name_does_not(cast: Cast) -> None:
    send(cast.owner, "/trackers/new/", **FORM)
    row = SavedSearch.objects.get()
    path = f"/trackers/{row.pk}/edit/"
    Job.objects.all().delete()
    SavedSearch.objects.update(filled_version=1)
    send(cast.owner, path, **{**FORM, "name": "Prices"}, edit="1")
    row.refresh_from_db()
    assert (row.name, row.version, Job.objects.count()) == ("Prices", 1, 0)
    send(cast.owner, path, **{**FORM, "phrases_en": "cost"}, edit="2")
    row.refresh_from_db()
    assert (row.version, row.is_filled) == (2, False)
    assert Job.objects.count() == 1


def test_a_teammate_does_not_take_it_away_from_the_team(cast: Cast) -> None:
    row = tracker(cast.owner, "price", shared=True)
    send(cast.teammate, f"/trackers/{row.pk}/edit/", **FORM, edit="1")
    row.refresh_from_db()
    assert row.shared and row.owner == cast.owner.user


def test_the_preview_shows_the_last_days_of_what_one_may_see(
    cast: Cast, owner: Participant
) -> None:
    assert cast.other_guest.seat and cast.owner.user
    old = Meeting.objects.create(
        owner=cast.owner.user,
        state=Meeting.State.ENDED,
        started_at=timezone.now() - timedelta(days=31),
    )
    earlier = Participant.objects.create(meeting=old, name="B", consent="recorded")
    said = {owner: "A price now", earlier: "A price of old"}
    for speaker, text in {**said, cast.other_guest.seat: "Secret price"}.items():
        say(speaker, 0, text)
        rebuild(speaker.meeting)
    asked = {"phrases_any": "price"}
    html = send(cast.owner, "/trackers/preview/", 200, **asked)
    assert "1 hit in 1 call" in html
    assert "A price now" in html and "of old" not in html and "Secret" not in html
    none = send(cast.owner, "/trackers/preview/", 200, phrases_any="cost")
    assert "Nobody said this" in none
    wrong = send(cast.owner, "/trackers/preview/", 200, phrases_any="")
    assert "Enter a phrase to look for." in wrong
    assert not SavedSearch.objects.exists()


def test_the_preview_ends_at_its_limit(cast: Cast, owner: Participant) -> None:
    say(owner, 0, "price " * 300)
    rebuild(owner.meeting)
    html = send(cast.owner, "/trackers/preview/", 200, phrases_any="price")
    assert "More than 200 hits in 1 call" in html


@pytest.mark.parametrize("slug", list(SETS))
def test_a_ready_made_one_is_added_with_one_click(
    cast: Cast, owner: Participant, slug: str
) -> None:
    send(cast.owner, f"/trackers/sets/{slug}/")
    row = SavedSearch.objects.get()
    path = f"/trackers/{row.pk}/edit/"
    html = cast.owner.client.get(path).content.decode()
    phrases = SETS[slug].wanted.phrases
    assert set(phrases) == {"en", "fr", "de", "es"}
    assert all(said[0] in html for said in phrases.values())
    assert f"Add {row.name}" not in cast.owner.client.get("/trackers/").content.decode()
    fields: dict[str, Any] = {"name": row.name, "colour": "1", "edit": "1"}
    fields |= {f"phrases_{code}": "\n".join(said) for code, said in phrases.items()}
    send(cast.owner, path, **fields)


def test_there_is_no_other_ready_made_one(cast: Cast) -> None:
    send(cast.owner, "/trackers/sets/nonsense/", 404)


def test_a_search_is_saved_from_the_box(cast: Cast) -> None:
    query = '"not in budget" | pricing by:customer'
    send(cast.owner, "/searches/save/", query=query)
    row = SavedSearch.objects.get()
    assert (row.name, row.query, row.tracked) == (query, query, False)
    html = cast.owner.client.get("/trackers/").content.decode()
    assert "/?q=%22not+in+budget%22+%7C+pricing+by%3Acustomer" in html
    send(cast.owner, "/searches/save/", 404, query=" ")


def test_the_menu_of_the_list_has_saved_searches(cast: Cast) -> None:
    for visitor, name in ((cast.owner, "Mine"), (cast.stranger, "Theirs")):
        send(visitor, "/searches/save/", query="price <b>", name=name)
    tracker(cast.owner, "phrases", name="By form")
    html = cast.owner.client.get("/searches/?q=price+%3Cb%3E").content.decode()
    assert 'href="/?q=price%20%3Cb%3E" dir="auto" aria-current="true">Mine</a>' in html
    assert "Theirs" not in html and "By form" not in html
    assert "/searches/" in cast.owner.client.get("/?q=price").content.decode()


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/?q=price", "/?q=price"),
        ("https://elsewhere.example/", "/trackers/"),
        ("//elsewhere.example/", "/trackers/"),
    ],
)
def test_saving_leads_back_to_where_one_was_and_nowhere_else(
    cast: Cast, asked: str, goes_to: str
) -> None:
    fields = {"query": "price", "next": asked}
    answer = cast.owner.client.post("/searches/save/", fields)
    assert answer.headers["Location"] == goes_to


def test_nobody_keeps_searches_without_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST", 1)
    send(cast.owner, "/searches/save/", query="price")
    send(cast.owner, "/searches/save/", query="cost")
    assert "Delete one first" in send(cast.owner, "/trackers/new/", 422, **FORM)
    assert SavedSearch.objects.count() == 1


def test_it_tells_how_far_it_is_and_why_it_is_not(
    cast: Cast, heard: SavedSearch
) -> None:
    running = {"filling_version": 2, "fill_done": 3, "fill_total": 12, "version": 2}
    SavedSearch.objects.update(**running)
    path = f"/trackers/{heard.pk}/"
    assert "3 of 12 earlier calls looked through" in page(cast.owner, path)
    assert "25 %" in page(cast.owner, "/trackers/")
    job = Job.objects.create(
        kind=KIND,
        payload={"search": heard.pk},
        state="failed",
        error="The disk is full",
    )
    assert "could not be looked through: The disk is full" in page(cast.owner, path)
    assert "Earlier calls: failed" in page(cast.owner, "/trackers/")
    send(cast.owner, f"{path}retry/")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    SavedSearch.objects.update(filled_version=2)
    answer = cast.owner.client.get(f"{path}filling/", headers={"HX-Request": "true"})
    assert "All earlier calls have been looked through" in text_of(answer)


def test_the_list_takes_as_many_queries_for_many_as_for_one(cast: Cast) -> None:
    assert cast.owner.user
    tracker(cast.owner, "price")
    page(cast.owner, "/trackers/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(cast.owner, "/trackers/")
    for _ in range(10):
        row = tracker(cast.owner, "price")
        Alert.objects.create(search=row, user=cast.owner.user, how="page")
    with CaptureQueriesContext(connection) as many:
        page(cast.owner, "/trackers/")
    assert len(many) <= len(few) + 1  # the names of those with news


def test_the_hits_take_as_many_queries_for_many_as_for_one(
    cast: Cast, owner: Participant
) -> None:
    search = tracker(cast.owner, "price")
    path = f"/trackers/{search.pk}/"
    counts = []
    for number in range(1, 12, 10):
        for n in range(number):
            say(owner, (100 * number + n) * 10_000, "The price")
        rebuild(owner.meeting)
        with CaptureQueriesContext(connection) as queries:
            page(cast.owner, path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_hostile_words_stay_words(cast: Cast, owner: Participant) -> None:
    title = "<script>alert(1)</script>"
    Meeting.objects.filter(pk=owner.meeting_id).update(title=title)
    say(owner, 0, "<img src=x onerror=alert(1)> \u202eprice " + "y" * 100_000)
    search = tracker(cast.owner, "price", name="<b>\u202ePrice</b>" + "z" * 60)
    rebuild(owner.meeting)
    paths = [f"/trackers/{search.pk}/", "/trackers/", f"/calls/{cast.code}/trackers/"]
    for path in paths:
        html = cast.owner.client.get(path).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html
        assert "<b>" not in html and "\u202ePrice" not in html
        assert len(html) < 100_000
    assert words(search) == ["price"]
