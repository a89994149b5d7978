"""The admin: every row type lists, opens and searches; actions do their work."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from dashboard.models import Turn
from dashboard.search.index import rebuild
from meetings.models import (
    ConsentChoice,
    Erasure,
    GuestLink,
    Job,
    Meeting,
    Participant,
    Recording,
    Track,
)
from meetings.models.recording import folder_of
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
    Track.objects.create(participant=owner, file="a.ogg", state="closed")
    Recording.objects.create(meeting=meeting, mix="m", peaks="p", duration_ms=1)
    Job.objects.create(meeting=meeting, kind="index", state="failed", error="broke")
    Erasure.objects.create(meeting=meeting, code=meeting.code, by_name="boss")
    english, _ = Language.objects.get_or_create(code="en")
    phrase = {"phrase": "read on", "normal": "read on", "tier": "ambiguous"}
    Phrase.objects.create(language=english, **phrase)
    Configuration.now()


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
    models = [m for m in admin.site._registry if m._meta.app_label in OURS]
    assert len(models) == 15
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
    for path, model in (
        ("meetings/consentchoice", ConsentChoice),
        ("meetings/erasure", Erasure),
        ("transcription/removal", Removal),
    ):
        pk = model._default_manager.get().pk
        assert boss.post(f"/admin/{path}/{pk}/change/", {}).status_code == 403
        assert boss.post(f"/admin/{path}/{pk}/delete/", {}).status_code == 403
        assert boss.get(f"/admin/{path}/add/").status_code == 403


def test_it_tries_a_failed_job_again(boss: Client, rows: None) -> None:
    job = Job.objects.get(state="failed")
    act(boss, "job", "retry", job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", "")


def test_it_queues_work_for_ended_meetings_only(
    boss: Client, rows: None, cast: Cast
) -> None:
    assert cast.other_guest.seat
    live = cast.other_guest.seat.meeting
    for meeting in (cast.meeting, live):
        act(boss, "meeting", "request_second_pass", meeting.pk)
    queued = Job.objects.filter(kind="second_pass").values_list("meeting", flat=True)
    assert list(queued) == [cast.meeting.pk]


def test_it_ends_a_meeting(boss: Client, cast: Cast) -> None:
    act(boss, "meeting", "end", cast.meeting.pk)
    cast.meeting.refresh_from_db()
    assert cast.meeting.is_over


def test_it_revokes_a_link(boss: Client, cast: Cast) -> None:
    assert cast.guest.link
    act(boss, "guestlink", "revoke", cast.guest.link.pk)
    link = GuestLink.objects.get(pk=cast.guest.link.pk)
    assert link.revoked_at is not None and link.revoked_at <= timezone.now()


def test_it_deletes_a_meeting_with_its_sound_and_its_logs(
    boss: Client, rows: None, cast: Cast
) -> None:
    folder = folder_of(cast.meeting)
    (folder / "a.ogg").write_bytes(b"sound")
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.ENDED)
    path = f"/admin/meetings/meeting/{cast.meeting.pk}/delete/"
    assert boss.post(path, {"post": "yes"}).status_code == 302
    assert not Meeting.objects.filter(pk=cast.meeting.pk).exists()
    assert not Removal.objects.exists()
    assert not folder.exists()


def test_it_deletes_several_meetings_with_their_sound(boss: Client, cast: Cast) -> None:
    folder = folder_of(cast.meeting)
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.ENDED)
    chosen = {"action": "delete_selected", "_selected_action": [str(cast.meeting.pk)]}
    boss.post("/admin/meetings/meeting/", {**chosen, "post": "yes"})
    assert not Meeting.objects.filter(pk=cast.meeting.pk).exists()
    assert not folder.exists()


def test_it_deletes_no_meeting_that_goes_on(boss: Client, cast: Cast) -> None:
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.LIVE)
    path = f"/admin/meetings/meeting/{cast.meeting.pk}/delete/"
    answer = boss.post(path, {"post": "yes"})
    assert "end the meeting first" in answer.content.decode()
    assert Meeting.objects.filter(pk=cast.meeting.pk).exists()


def test_who_may_not_delete_lines_deletes_no_meeting(
    boss: Client, rows: None, cast: Cast
) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    names = ["delete_meeting", "view_meeting"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    Meeting.objects.filter(pk=cast.meeting.pk).update(state=Meeting.State.ENDED)
    path = f"/admin/meetings/meeting/{cast.meeting.pk}/delete/"
    assert client.post(path, {"post": "yes"}).status_code == 403
    assert Meeting.objects.filter(pk=cast.meeting.pk).exists()


def test_it_deletes_nobody_from_the_log_of_choices(
    boss: Client, rows: None, owner: Participant
) -> None:
    """Their sound would stay on the disk and in the mix."""
    path = f"/admin/meetings/participant/{owner.pk}/delete/"
    assert boss.post(path, {"post": "yes"}).status_code == 403
    assert Participant.objects.filter(pk=owner.pk).exists()


def test_no_line_is_deleted_by_itself(boss: Client, rows: None) -> None:
    """The admin's own log would quote it for ever."""
    for path, model in (
        ("transcription/utterance", Utterance),
        ("dashboard/turn", Turn),
    ):
        pk = model._default_manager.first().pk  # type: ignore[union-attr]
        answer = boss.post(f"/admin/{path}/{pk}/delete/", {"post": "yes"})
        assert answer.status_code == 403
