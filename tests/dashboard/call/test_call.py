"""The page of a call and its pieces."""

from typing import Any

import pytest

from dashboard.call.transcript import FIRST_LINES, LINES_PER_PART
from meetings.models import ChatMessage, Job, Meeting, Participant, Recording, Track
from tests.cast import Cast
from tests.dashboard.calls import end, say
from transcription.models import Utterance


def page(cast: Cast, piece: str = "") -> str:
    answer = cast.owner.client.get(f"/calls/{cast.code}/{piece}")
    assert answer.status_code == 200
    return answer.content.decode()


def post(cast: Cast, piece: str, **data: str) -> Any:
    return cast.owner.client.post(f"/calls/{cast.code}/{piece}", data)


@pytest.mark.parametrize("piece", ["", "lines/?part=0", "lines/?ids=1", "player/"])
def test_it_requires_access(cast: Cast, ended: Meeting, piece: str) -> None:
    assert cast.let_in(f"/calls/{cast.code}/{piece}") == {"owner", "teammate"}


def test_it_lets_the_owner_alone_change_things(cast: Cast, ended: Meeting) -> None:
    job = Job.objects.create(meeting=ended, kind="index", state=Job.State.FAILED)
    for piece in ("title/", "settings/", f"retry/{job.pk}/"):
        data = {"title": "New", "visibility": "team"}
        path = f"/calls/{cast.code}/{piece}"
        assert cast.let_in(path, "post", data=data) == {"owner"}
    assert cast.let_in(f"/calls/{cast.code}/settings/") == {"owner"}


def test_it_sends_people_of_a_live_meeting_to_the_room(cast: Cast) -> None:
    answer = cast.owner.client.get(f"/calls/{cast.code}/")
    assert answer.headers["Location"] == f"/room/{cast.code}/"


def test_it_opens_with_the_live_text_before_any_job_is_done(
    cast: Cast, owner: Participant
) -> None:
    Job.objects.create(meeting=owner.meeting, kind="repair")
    say(owner, 1500, "Hello everyone")
    html = page(cast)
    assert '<span data-word="1500">Hello</span> <span data-word="1800">everyone' in html
    assert 'href="#t=1.5"' in html
    assert "<audio" not in html
    assert "The sound is being put together" in html


def test_it_plays_once_there_is_a_recording(cast: Cast, owner: Participant) -> None:
    Recording.objects.create(
        meeting=owner.meeting,
        mix="m.webm",
        stems={str(owner.pk): "s.webm"},
        peaks="p.json",
        duration_ms=61_000,
    )
    html = page(cast, "player/")
    assert f'src="/calls/{cast.code}/media/mix"' in html
    assert f'data-stem="/calls/{cast.code}/media/{owner.pk}"' in html
    assert 'duration-ms="61000"' in html


def test_it_says_who_is_not_recorded(cast: Cast, ended: Meeting) -> None:
    Participant.objects.create(
        meeting=ended, name="Dora", consent=Participant.Consent.UNRECORDED
    )
    assert 'aria-label="Dora was not recorded"' in page(cast)


def test_it_says_once_what_is_odd_about_an_imported_file(
    cast: Cast, owner: Participant
) -> None:
    note = "call.mp4 ended early; what was readable is kept."
    for file in ("a.ogg", "b.ogg"):
        Track.objects.create(
            participant=owner, file=file, state="closed", source="import", note=note
        )
    assert page(cast).count(note) == page(cast, "player/").count(note) == 1


def test_it_keeps_notes_of_a_recorder_to_itself(cast: Cast, owner: Participant) -> None:
    Track.objects.create(participant=owner, file="a.ogg", note="[Errno 5] /var/a.ogg")
    assert "Errno" not in page(cast)


def test_it_promises_no_sound_of_a_call_that_nothing_works_on(
    cast: Cast, owner: Participant
) -> None:
    say(owner, 1500, "Hello everyone")
    assert "There is no sound in this call." in page(cast)


def test_it_promises_no_sound_of_an_import_that_failed(cast: Cast) -> None:
    assert cast.owner.user
    failed = Meeting.objects.create(owner=cast.owner.user, state=Meeting.State.ENDED)
    html = cast.owner.client.get(f"/calls/{failed.code}/").content.decode()
    assert "There is no sound in this call." in html
    assert "being put together" not in html


def test_it_says_what_an_empty_call_is(cast: Cast, ended: Meeting) -> None:
    assert "No words were heard" in page(cast)


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("compose", "running", "The sound is being put together"),
        ("compose", "failed", "The sound could not be put together."),
        ("repair", "done", "There is no sound in this call."),
        ("second_pass", "queued", "The words are being written down"),
        ("second_pass", "failed", "The words could not be written down."),
        ("second_pass", "done", "No words were heard in this call."),
    ],
)
def test_it_says_why_there_is_nothing_to_hear_or_read(
    cast: Cast, ended: Meeting, kind: str, state: str, said: str
) -> None:
    Job.objects.create(meeting=ended, kind=kind, state=state)
    assert said in page(cast)


def test_it_promises_nothing_of_people_who_were_not_recorded(
    cast: Cast, ended: Meeting
) -> None:
    ended.participants.update(consent=Participant.Consent.UNRECORDED)
    html = page(cast)
    assert html.count("Nobody was recorded in this call.") >= 2
    assert "put together" not in html and "No words" not in html


def test_it_gives_changed_lines_alone(cast: Cast, owner: Participant) -> None:
    first, second = say(owner, 0, "One"), say(owner, 5000, "Two")
    html = page(cast, f"lines/?ids={second.pk},nonsense,{10**30}")
    assert f'id="line-{second.pk}"' in html
    assert f'id="line-{first.pk}"' not in html


def test_it_gives_no_line_of_another_call(cast: Cast, ended: Meeting) -> None:
    assert cast.other_guest.seat
    other = say(cast.other_guest.seat, 0, "Not yours")
    assert "Not yours" not in page(cast, f"lines/?ids={other.pk}")


def test_it_shows_two_voices_side_by_side(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    say(owner, 0, "I would like to say this first")
    late = say(guest, 600, "And I say that at once")
    assert 'column-1" id="line-' in page(cast)
    assert f'column-2" id="line-{late.pk}"' in page(cast)
    assert "column-2" in page(cast, f"lines/?ids={late.pk}")


def test_it_renames(cast: Cast, ended: Meeting) -> None:
    assert post(cast, "title/", title="  New\n title ").status_code == 302
    ended.refresh_from_db()
    assert ended.title == "New title"


def test_it_queues_a_failed_job_again(cast: Cast, ended: Meeting) -> None:
    job = Job.objects.create(
        meeting=ended, kind="index", state=Job.State.FAILED, error="x", attempt=3
    )
    post(cast, f"retry/{job.pk}/")
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == (Job.State.QUEUED, 0, "")
    assert post(cast, "retry/999999/").status_code == 404


def test_it_takes_hostile_text(cast: Cast, owner: Participant) -> None:
    hostile = '<img src=x onerror="x">\u202e'
    Meeting.objects.update(title=hostile)
    Participant.objects.update(name=hostile)
    say(owner, 0, hostile)
    say(owner, 9000, "x" * 100_000)
    html = page(cast)
    assert "<img src" not in html
    assert len(html) < 200_000


def test_it_stays_small_for_a_day_long_call(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    day = 24 * 3600 * 1000
    end(cast.meeting, day)
    Utterance.objects.bulk_create(
        Utterance(
            meeting=cast.meeting,
            participant=(owner, guest)[n % 2],
            start_ms=n * 7_000,
            end_ms=n * 7_000 + 5_000,
            text="Some words of the day",
        )
        for n in range(day // 7_000)
    )
    html = page(cast)
    assert len(html) < 600_000
    assert html.count('class="line ') == FIRST_LINES
    assert f'data-src="/calls/{cast.code}/lines/?part=1"' in html
    rest = day // 7_000 - FIRST_LINES
    last_part = 1 + (rest - 1) // LINES_PER_PART
    last = page(cast, f"lines/?part={last_part}")
    assert "data-src" not in last
    assert last.count('class="line ') == rest - (last_part - 1) * LINES_PER_PART


def test_voices_stand_side_by_side_across_parts(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    for n in range(FIRST_LINES - 1):
        say(owner, n * 10_000, "Words")
    say(owner, FIRST_LINES * 10_000, "We talk", end_ms=FIRST_LINES * 10_000 + 4_000)
    say(
        guest,
        FIRST_LINES * 10_000 + 500,
        "at once",
        end_ms=FIRST_LINES * 10_000 + 3_000,
    )
    assert page(cast).count("at-once of-2 column-1") == 1
    assert page(cast, "lines/?part=1").count("at-once of-2 column-2") == 1


def test_it_asks_for_little_however_many_lines(
    cast: Cast, owner: Participant, django_assert_max_num_queries: object
) -> None:
    for n in range(50):
        say(owner, n * 5000, "A line of text")
        ChatMessage.objects.create(participant=owner, at_ms=n, text="Hi", key=str(n))
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        page(cast)


@pytest.mark.parametrize("part", ["99999999999999999", "9" * 30, "-1", "x", ""])
def test_it_has_no_part_that_no_call_is_long_enough_for(
    cast: Cast, ended: Meeting, part: str
) -> None:
    path = f"/calls/{cast.code}/lines/?part={part}"
    assert cast.owner.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("piece", "method"),
    [
        ("lines/?ids=999999999999999999", "get"),
        ("retry/{}/", "post"),
        ("removals/{}/restore/", "post"),
        ("media/{}", "get"),
    ],
)
def test_it_does_not_find_a_number_that_no_row_has(
    cast: Cast, ended: Meeting, piece: str, method: str
) -> None:
    path = f"/calls/{cast.code}/{piece.format('9' * 30)}"
    answer = getattr(cast.owner.client, method)(path)
    assert answer.status_code == (200 if "ids" in piece else 404)


def test_it_keeps_a_title_on_one_line_that_reads_one_way(
    cast: Cast, ended: Meeting
) -> None:
    typed = "Renewal \u202e\x00 of\u2066\nGlobex"
    cast.owner.client.post(f"/calls/{cast.code}/title/", {"title": typed})
    ended.refresh_from_db()
    assert ended.title == "Renewal of Globex"
