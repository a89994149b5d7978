"""The admin: every row type lists, opens and searches; actions do their work."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.models import FigureAim
from dashboard.search.index import rebuild
from meetings.models import (
    Account,
    ChatMessage,
    ConsentChoice,
    Erasure,
    Job,
    Meeting,
    Outlet,
    Participant,
    Recording,
    Source,
    Track,
)
from meetings.sources import outlets
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Configuration, Language, Phrase, Removal, Utterance

OURS = ("meetings", "transcription", "dashboard")


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("boss", "boss@example.com", "secret"),
        "django.contrib.auth.backends.ModelBackend",
    )
    return client


@pytest.fixture
def rows(owner: Participant) -> None:
    """One row of every type."""
    meeting = owner.meeting
    say(owner, 0, "A line to read")
    rebuild(meeting)
    Removal.objects.create(
        meeting=meeting,
        participant=owner,
        raw="Bye",
        reason="vad",
        start_ms=0,
        end_ms=1,
    )
    ConsentChoice.objects.create(
        participant=owner, choice="recorded", text_version="1", way="page"
    )
    ChatMessage.objects.create(participant=owner, at_ms=1, text="read", key="a")
    Track.objects.create(participant=owner, file="a.ogg", state="closed")
    Source.objects.create(
        meeting=meeting, participant=owner, kind="hls", url="https://u:pass@a.example/"
    )
    Outlet.objects.create(
        meeting=meeting, kind="hls", expires_at=timezone.now() + timedelta(hours=1)
    )
    Recording.objects.create(meeting=meeting, mix="m", peaks="p", duration_ms=1)
    Job.objects.create(meeting=meeting, kind="index", state="failed", error="broke")
    Erasure.objects.create(meeting=meeting, code=meeting.code, by_name="boss")
    english, _ = Language.objects.get_or_create(code="en")
    phrase = {"phrase": "read on", "normal": "read on", "tier": "ambiguous"}
    Phrase.objects.create(language=english, **phrase)
    Configuration.now()
    FigureAim.objects.create(figure="talk_ratio", high=60)
    Account.objects.create(name="Ready Ltd")


def act(boss: Client, model: str, action: str, pk: object) -> None:
    answer = boss.post(
        f"/admin/meetings/{model}/", {"action": action, "_selected_action": [str(pk)]}
    )
    assert answer.status_code == 302


def test_it_requires_staff(cast: Cast) -> None:
    for visitor in cast.everybody:
        answer = visitor.client.get("/admin/meetings/meeting/", follow=True)
        asked_to_sign_in = answer.request["PATH_INFO"] == "/accounts/login/"
        assert answer.status_code == 403 or asked_to_sign_in, visitor.name


def test_it_lists_searches_and_opens_every_row(boss: Client, rows: None) -> None:
    boss.get("/admin/")  # its addresses are read, and with them who is registered
    models = [m for m in admin.site._registry if m._meta.app_label in OURS]
    assert len(models) == 18
    for model in models:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.first()
        assert row is not None, base
        assert boss.get(base).status_code == 200, base
        assert boss.get(f"{base}?q=read").status_code == 200, base
        assert boss.get(f"{base}{row.pk}/change/").status_code == 200, base


def test_it_asks_for_little_however_many_rows(
    boss: Client, rows: None, cast: Cast, django_assert_max_num_queries: object
) -> None:
    for n in range(30):
        Meeting.objects.create(owner=cast.meeting.owner, title=f"Call {n}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        boss.get("/admin/meetings/meeting/")


def test_it_never_edits_a_log(boss: Client, rows: None) -> None:
    line = Utterance.objects.get()
    path = f"/admin/transcription/utterance/{line.pk}/delete/"
    assert boss.post(path, {"post": "yes"}).status_code == 403


def test_it_is_arranged_by_what_people_look_for(boss: Client, rows: None) -> None:
    page = boss.get("/admin/").content.decode()
    sections = re.findall(r'class="section"[^>]*>\s*([^<]+?)\s*</a>', page)
    assert sections == [
        *(
            "Calls",
            "In and out",
            "Accounts",
            "Captions",
            "Review",
            "What was said",
            "Logs",
        )
    ]
    for model in admin.site._registry:
        assert (
            reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
            in page
        ), model
    assert "Earshot admin" in page and "Django" not in page
    for name in ("People", "Teams", "Removed lines", "Deleted people", "Caption model"):
        assert f">{name}</a>" in page, name


@pytest.mark.parametrize(
    "path",
    [
        "account/emailaddress/",
        "auth/group/",
        "dashboard/turn/",
        "django_rq/dashboard/",
        "meetings/recording/",
    ],
)
def test_it_has_nothing_that_an_admin_does_not_need(boss: Client, path: str) -> None:
    assert boss.get(f"/admin/{path}").status_code == 404


def test_staff_see_only_the_sections_that_they_may_open(cast: Cast) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_language"))
    client = Client()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    page = client.get("/admin/").content.decode()
    assert ">Languages</a>" in page and ">Meetings</a>" not in page


def test_it_breaks_no_rule_of_the_pages_policy(boss: Client, rows: None) -> None:
    """No style and no script stands in a page; the policy would not run it."""
    for path in (
        *("", "meetings/meeting/", "meetings/meeting/add/", "auth/user/add/"),
        *("transcription/utterance/", "transcription/language/add/"),
    ):
        page = boss.get(f"/admin/{path}").content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page), path
        scripts = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", page)
        assert all("application/json" in script for script in scripts), path


def test_a_language_is_chosen_by_its_name(
    boss: Client, rows: None, owner: Participant
) -> None:
    pages = {
        f"/admin/meetings/meeting/{owner.meeting_id}/change/": "language",
        f"/admin/meetings/participant/{owner.pk}/change/": "language",
        "/admin/transcription/language/add/": "code",
    }
    for path, field in pages.items():
        page = boss.get(path).content.decode()
        select = page[page.index(f'<select name="{field}"') :].partition("</select>")[0]
        assert "French" in select and "Icelandic" in select, path


def test_it_keeps_the_language_that_was_chosen(
    boss: Client, owner: Participant
) -> None:
    form = {"meeting": owner.meeting_id, "user": owner.user_id, "name": owner.name}
    path = f"/admin/meetings/participant/{owner.pk}/change/"
    answer = boss.post(path, {**form, "side": "us", "colour": 0, "language": "is"})
    assert answer.status_code == 302
    owner.refresh_from_db()
    assert owner.language == "is"
    wrong = boss.post(path, {**form, "side": "us", "colour": 0, "language": "xx"})
    assert wrong.status_code == 200


def test_a_line_is_shown_before_anything_else(boss: Client, rows: None) -> None:
    row = boss.get("/admin/transcription/utterance/").content.decode()
    row = row[row.index("<tbody>") :]
    cells = re.findall(r'class="field-(\w+)', row)
    assert cells[:3] == ["text_said", "participant", "at"]
    assert "A line to read" in row and ">0:00<" in row


@pytest.mark.usefixtures("rows")
def test_the_address_of_a_source_stands_nowhere(boss: Client) -> None:
    source = Source.objects.get()
    for path in ("", f"{source.pk}/change/"):
        page = boss.get(f"/admin/meetings/source/{path}").content.decode()
        assert "HLS" in page and "a.example" not in page


@pytest.mark.usefixtures("rows")
def test_it_stops_a_source(boss: Client) -> None:
    source = Source.objects.get()
    chosen = {"action": "stop_sources", "_selected_action": [source.pk]}
    boss.post("/admin/meetings/source/", chosen)
    source.refresh_from_db()
    assert not source.wanted


@pytest.mark.usefixtures("rows")
def test_it_takes_a_playback_address_back(boss: Client) -> None:
    outlet = Outlet.objects.get()
    Meeting.objects.update(state="live")
    token = outlets.token_of(outlet)
    assert outlets.from_token(token) == outlet
    page = boss.get("/admin/meetings/outlet/").content.decode()
    assert token not in page
    chosen = {"action": "take_back_outlets", "_selected_action": [outlet.pk]}
    boss.post("/admin/meetings/outlet/", chosen)
    assert outlets.from_token(token) is None
