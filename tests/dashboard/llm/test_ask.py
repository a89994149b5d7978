"""A question about what a search finds: answered with moments, or not found."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.llm import writing
from dashboard.models import ModelDraft
from meetings import jobs
from meetings.models import Job, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import end, say
from tests.fake_model import FakeModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.owner.client


@pytest.fixture
def call(ended: Meeting, guest: Participant) -> Meeting:
    say(guest, 4_000, "Our budget is fifty thousand this year.", language="en")
    index(ended)
    return ended


@pytest.fixture
def theirs(cast: Cast) -> Meeting:
    """A call that only the stranger may see."""
    assert cast.other_guest.seat
    other = end(cast.other_guest.seat.meeting)
    say(cast.other_guest.seat, 0, "Our budget is ninety thousand.", language="en")
    index(other)
    return other


def index(meeting: Meeting) -> None:
    jobs.run(jobs.request("index", meeting).pk)


def ask(client: Client, question: str = "What is their budget?") -> str:
    """The address of the answer, once it is written."""
    answer = client.post("/ask/", {"q": "budget", "question": question})
    assert answer.status_code == 302, answer.content
    jobs.run(Job.objects.get(kind="answer", state=Job.State.QUEUED).pk)
    return str(answer["Location"])


def says(text: str, *lines: int) -> dict[str, Any]:
    return {"text": text, "lines": list(lines)}


def test_who_has_an_account_asks(cast: Cast, call: Meeting, model: FakeModel) -> None:
    assert cast.let_in("/ask/?q=budget") == {"owner", "teammate", "stranger"}


def test_an_answer_is_for_who_asked(
    cast: Cast, client: Client, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[says("Their budget is 50,000 this year.", 1)])
    path = ask(client)
    assert cast.let_in(path) == {"owner"}


def test_without_a_server_nobody_asks(cast: Cast, call: Meeting) -> None:
    assert cast.let_in("/ask/?q=budget") == set()
    shown = cast.owner.client.get("/?q=budget").content.decode()
    assert "Ask about these" not in shown


def test_a_search_leads_to_the_question(
    client: Client, call: Meeting, model: FakeModel
) -> None:
    shown = client.get("/?q=budget").content.decode()
    assert 'href="/ask/?q=budget"' in shown
    shown = client.get("/ask/?q=budget").content.decode()
    assert "1 quote, with the names, go to" in shown
    assert model.asked == []


def test_it_answers_with_moments(
    client: Client, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[says("Their budget is 50,000 this year.", 1)])
    shown = client.get(ask(client)).content.decode()
    assert "Their budget is 50,000 this year." in shown
    assert f'href="/calls/{call.code}/#t=4.0"' in shown
    assert "From 1 quote." in shown


def test_not_found_is_an_answer(
    client: Client, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[])
    assert (
        "Not found. The quotes do not say." in client.get(ask(client)).content.decode()
    )


def test_invented_quotes_are_left_out(
    client: Client, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[says("Their budget is 90,000.", 1), says("They have money.", 7)])
    shown = client.get(ask(client)).content.decode()
    assert "Not found" in shown and "Left out: 2" in shown


def test_calls_that_one_may_not_see_are_never_sent(
    client: Client, call: Meeting, theirs: Meeting, model: FakeModel
) -> None:
    model.says(answer=[])
    ask(client)
    assert "fifty thousand" in str(model.asked) and "ninety" not in str(model.asked)


def test_an_answer_ends_with_the_right_to_see_its_call(
    cast: Cast, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[says("Their budget is 50,000 this year.", 1)])
    mate = cast.teammate.client
    path = ask(mate)
    assert "50,000" in mate.get(path).content.decode()
    Meeting.objects.filter(pk=call.pk).update(visibility=Meeting.Visibility.PRIVATE)
    assert "50,000" not in mate.get(path).content.decode()


def test_who_lost_the_account_meanwhile_gets_nothing_sent(
    cast: Cast, client: Client, call: Meeting, model: FakeModel
) -> None:
    client.post("/ask/", {"q": "budget", "question": "What is it?"})
    assert cast.owner.user
    cast.owner.user.is_active = False
    cast.owner.user.save()
    jobs.run(Job.objects.get(kind="answer").pk)
    assert model.asked == []
    assert ModelDraft.objects.get().state == ModelDraft.State.FAILED


def test_an_answer_goes_with_its_call_and_after_a_day(
    client: Client, call: Meeting, model: FakeModel
) -> None:
    model.says(answer=[says("Their budget is 50,000 this year.", 1)])
    path = ask(client)
    call.delete()
    assert "50,000" not in client.get(path).content.decode()
    writing.sweep()
    assert not ModelDraft.objects.get().sentences.exists()
    ModelDraft.objects.update(created_at=timezone.now() - timedelta(days=2))
    writing.sweep()
    assert not ModelDraft.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"q": "budget", "question": ""},
        {"q": "", "question": "What?"},
        {"q": "budget", "question": "\u202e\x00"},
    ],
)
def test_a_question_without_words_is_none(
    client: Client, call: Meeting, model: FakeModel, form: dict[str, str]
) -> None:
    assert client.post("/ask/", form).status_code == 422
    assert not ModelDraft.objects.exists()


def test_only_so_many_quotes_are_sent(
    client: Client,
    call: Meeting,
    guest: Participant,
    model: FakeModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "QUOTES", 22)
    for n in range(30):
        say(guest, 10_000 + 5_000 * n, f"The budget of part {n}.", language="en")
    index(call)
    model.says(answer=[])
    ask(client)
    assert str(model.asked).count('"n":') + str(model.asked).count('\\"n\\":') == 22
