"""Pages of customers: who sees which, and only what they may know of calls."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.models import BriefLine, StoredFigure
from dashboard.search.index import rebuild
from meetings.models import Account, AccountDomain, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say

HOSTILE = '</textarea><script>x</script>\u202e"&' + "W" * 300


@pytest.fixture
def acme(cast: Cast, ended: Meeting) -> Account:
    """The customer of the cast's call, and of one that the stranger alone may see."""
    account: Account = Account.objects.create(name="Acme", stage="Proposal", amount=1)
    Meeting.objects.update(account=account)
    Meeting.objects.filter(owner=cast.stranger.user).update(title="Hidden call")
    return account


def manager(cast: Cast) -> None:
    User.objects.filter(pk=cast.meeting.owner_id).update(is_staff=True)


def page(cast: Cast, path: str, who: str = "owner") -> str:
    answer = getattr(cast, who).client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def test_everybody_with_an_account_has_the_list(cast: Cast) -> None:
    signed_in = {"owner", "teammate", "stranger"}
    for path in ("", "new/", "customers.csv", "?q=x"):
        assert cast.let_in(f"/customers/{path}") == signed_in, path


def test_a_customer_is_seen_by_who_sees_a_call_of_theirs(
    cast: Cast, acme: Account
) -> None:
    Meeting.objects.filter(owner=cast.stranger.user).update(account=None)
    for part in ("", "calls/", "before/"):
        path = f"/customers/{acme.pk}/{part}"
        assert cast.let_in(path) == {"owner", "teammate"}, path
    assert cast.let_in(f"/customers/{acme.pk}/edit/") == {"owner"}
    assert cast.let_in(f"/customers/{10**30}/") == set()


def test_the_owner_alone_says_whose_a_call_is(cast: Cast, acme: Account) -> None:
    path = f"/calls/{cast.code}/account/"
    for visitor in cast.everybody:
        if visitor is not cast.owner:
            assert not visitor.gets_in(path, "post", data={}), visitor.name
    assert Meeting.objects.filter(code=cast.code, account=acme).exists()
    assert cast.owner.gets_in(path, "post", data={})
    assert Meeting.objects.filter(code=cast.code, account=None).exists()


def test_tables_are_for_managers(cast: Cast) -> None:
    assert cast.let_in("/customers/table/") == set()
    assert cast.let_in("/customers/table/", "post", data={"text": "name"}) == set()
    manager(cast)
    assert cast.let_in("/customers/table/") == {"owner"}


def test_calls_that_one_may_not_see_count_nowhere(cast: Cast, acme: Account) -> None:
    Participant.objects.filter(meeting__owner=cast.stranger.user).update(
        name="Hidden person", email="h@hidden.org"
    )
    assert "1 call<" in page(cast, "/customers/")
    for path in ("", "calls/", "before/"):
        html = page(cast, f"/customers/{acme.pk}/{path}")
        assert "Hidden" not in html and "hidden.org" not in html, path
    assert "<td>1</td>" in page(cast, f"/customers/{acme.pk}/")
    Meeting.objects.filter(code=cast.code).update(visibility="private")
    assert cast.teammate.client.get(f"/customers/{acme.pk}/").status_code == 404
    assert "Acme" not in page(cast, "/customers/", "teammate")
    assert "Acme" not in page(cast, "/customers/customers.csv", "teammate")


def test_a_manager_sees_customers_and_counts_what_they_may_see(
    cast: Cast, acme: Account
) -> None:
    User.objects.filter(pk=cast.teammate.user.pk).update(  # type: ignore[union-attr]
        is_staff=True
    )
    Meeting.objects.update(visibility="private")
    assert "0 calls" in page(cast, "/customers/", "teammate")
    html = page(cast, f"/customers/{acme.pk}/", "teammate")
    assert "Discovery" not in html and "Gita" not in html


def test_it_is_made_and_changed_by_hand(cast: Cast) -> None:
    client = cast.owner.client
    data = {"name": " Acme ", "domains": "ACME.com, ann@acme.de", "currency": "eur"}
    answer = client.post("/customers/new/", {**data, "amount": "1200.50"})
    acme = Account.objects.get(name="Acme")
    assert answer.headers["Location"] == f"/customers/{acme.pk}/"
    assert [str(d) for d in acme.domains.all()] == ["acme.com", "acme.de"]
    assert (str(acme.amount), acme.currency) == ("1200.50", "EUR")
    client.post(
        f"/customers/{acme.pk}/edit/", {"name": "Acme AG", "domains": "acme.de"}
    )
    acme.refresh_from_db()
    assert (acme.name, acme.domains.get().domain) == ("Acme AG", "acme.de")
    assert acme.created_by == cast.owner.user


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "GLOBEX"}, "There is a customer of this name already."),
        ({"name": "A", "domains": "gmail.com"}, "Anybody may have an address"),
        ({"name": "A", "domains": "globex.com"}, "is of Globex already"),
        ({"name": "A", "domains": "nonsense"}, "is no domain"),
        ({"name": "A", "domains": " ".join(f"a{n}.org" for n in range(60))}, "More"),
        ({"name": "A", "amount": "many"}, "Enter a number"),
        ({"name": "A", "currency": "€"}, "Three letters"),
    ],
)
def test_it_says_what_is_wrong(cast: Cast, wrong: dict[str, str], said: str) -> None:
    globex = Account.objects.create(name="Globex")
    AccountDomain.objects.create(account=globex, domain="globex.com")
    answer = cast.owner.client.post("/customers/new/", wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Account.objects.count() == 1


def test_a_call_becomes_theirs_in_one_click(cast: Cast, acme: Account) -> None:
    fits = Meeting.objects.create(
        owner=cast.meeting.owner, title="Next with ACME", state=Meeting.State.ENDED
    )
    Meeting.objects.create(
        owner=cast.meeting.owner, title="Elsewhere", state=Meeting.State.ENDED
    )
    html = page(cast, f"/customers/{acme.pk}/")
    assert "It is theirs: Next with ACME" in html and "Elsewhere" not in html
    answer = cast.owner.client.post(
        f"/calls/{fits.code}/account/", {"account": acme.pk, "back": acme.pk}
    )
    assert answer.headers["Location"] == f"/customers/{acme.pk}/"
    fits.refresh_from_db()
    assert fits.account == acme


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "9" * 40])
def test_a_call_goes_to_no_customer_that_one_may_not_see(
    cast: Cast, ended: Meeting, wrong: str
) -> None:
    secret = Account.objects.create(name="Secret")
    for pk in (wrong, str(secret.pk)):
        path = f"/calls/{cast.code}/account/"
        assert cast.owner.client.post(path, {"account": pk}).status_code == 404
    answer = cast.owner.client.post(path, {"back": wrong})
    assert answer.headers["Location"] == f"/calls/{cast.code}/"


def test_what_people_type_is_text_in_the_pages(cast: Cast, acme: Account) -> None:
    manager(cast)
    acme.name, acme.stage = HOSTILE[:200], HOSTILE[:60]
    acme.save()
    Participant.objects.filter(meeting__code=cast.code).update(name=HOSTILE[:80])
    Meeting.objects.filter(code=cast.code).update(title=HOSTILE[:200])
    text = f'name,stage\n"{HOSTILE.replace(chr(34), chr(34) * 2)}",x\n"=1+1<b>",y\n'
    posted = cast.owner.client.post("/customers/table/", {"text": text})
    pages = [posted.content.decode(), page(cast, "/customers/")]
    pages += [page(cast, f"/customers/{acme.pk}/{part}") for part in ("", "edit/")]
    for html in pages:
        assert "<script>x" not in html and "=1+1<b>" not in html


def test_it_tells_what_the_last_calls_left_open(
    cast: Cast, acme: Account, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "I will send you the contract tomorrow.", language="en")
    say(guest, 12_000, "What does the whole thing cost us?", language="en")
    html = page(cast, f"/customers/{acme.pk}/before/")
    assert f'href="/calls/{cast.code}/#t=0.0"' in html
    assert f'href="/calls/{cast.code}/#t=12.0"' in html
    assert "I will send you the contract tomorrow." in html
    assert html.index("Said they would") < html.index("The customer asked")


def test_what_somebody_ticked_or_took_out_is_not_open(
    cast: Cast, acme: Account, owner: Participant
) -> None:
    say(owner, 0, "I will send you the contract tomorrow.", language="en")
    path, brief = f"/customers/{acme.pk}/before/", f"/calls/{cast.code}/brief/lines/"
    client = cast.owner.client
    client.post(brief, {"do": "add", "section": "steps", "text": "Call <b>legal</b>"})
    html = page(cast, path)
    assert "Call &lt;b&gt;legal" in html and "the contract tomorrow" in html
    note = BriefLine.objects.get()
    ticked = {"do": "tick", "line": f"row-{note.pk}", "version": note.version}
    client.post(brief, ticked)
    client.post(brief, {"do": "remove", "line": f"steps-{owner.pk}-0", "version": 0})
    assert "Nothing was left open." in page(cast, path)


def test_it_says_when_nothing_was_left_open(cast: Cast, acme: Account) -> None:
    path = f"/customers/{acme.pk}/before/"
    assert "Once there is a call with words" in page(cast, path)
    guest = cast.guest.seat
    assert guest
    say(guest, 0, "Good morning everybody.", language="en")
    assert "Nothing was left open." in page(cast, path)


@pytest.fixture
def many(cast: Cast, acme: Account) -> None:
    """Thirty more calls with people, words and figures, and sixty customers."""
    for n in range(30):
        meeting = Meeting.objects.create(
            owner=cast.meeting.owner, account=acme, started_at=timezone.now()
        )
        person = Participant.objects.create(
            meeting=meeting, name=f"P{n}", consent="recorded", side="them"
        )
        say(person, 0, "What does the whole thing cost us?", language="en")
        end(meeting, 200_000)
        rebuild(meeting)
        StoredFigure.objects.create(
            meeting=meeting, figure="talk_ratio", value=50, version=1
        )
    Account.objects.bulk_create(
        Account(name=f"C{n}", created_by=cast.owner.user) for n in range(60)
    )


@pytest.mark.parametrize(
    ("path", "most"), [("", 6), ("{pk}/", 14), ("{pk}/calls/", 8), ("{pk}/before/", 26)]
)
def test_it_asks_for_little_however_many_calls(
    cast: Cast,
    acme: Account,
    many: None,
    django_assert_max_num_queries: Any,
    path: str,
    most: int,
) -> None:
    with django_assert_max_num_queries(most):
        page(cast, f"/customers/{path.format(pk=acme.pk)}")
