"""Pictures are recorded of those who were told so and agreed, and of nobody else."""

from typing import Any
from typing import cast as as_type

import pytest
from django.contrib.auth.models import User

from meetings import services
from meetings.models import Meeting, Participant
from meetings.models.participant import SOUND_TEXT, VIDEO_TEXT
from tests.cast import Cast

SOUND_WORDS = "shown in the call and not recorded"
VIDEO_WORDS = "Sound and video:"


@pytest.fixture(autouse=True)
def _site_records_video(settings: Any) -> None:
    settings.RECORD_VIDEO = True


def switch(cast: Cast, to: str = "on") -> None:
    answer = cast.owner.client.post(f"/room/{cast.code}/video/", {"video": to})
    assert answer.headers["Location"] == f"/room/{cast.code}/"


def lobby(cast: Cast) -> str:
    return cast.guest.client.get(f"/room/{cast.code}/").content.decode()


def join(cast: Cast, text: str, choice: str = "recorded") -> Participant:
    answers = {"name": "Gita", "choice": choice, "text": text}
    answer = cast.guest.client.post(f"/room/{cast.code}/join/", answers)
    assert answer.status_code == 302
    return Participant.objects.get(pk=cast.guest.client.session["seats"][cast.code])


def test_only_who_runs_the_call_says_that_it_is_recorded(cast: Cast) -> None:
    path = f"/room/{cast.code}/video/"
    assert cast.let_in(path, "post", data={"video": "on"}) == {"owner"}


def test_guests_are_told(cast: Cast) -> None:
    assert SOUND_WORDS in lobby(cast)
    switch(cast)
    page = lobby(cast)
    assert VIDEO_WORDS in page and SOUND_WORDS not in page
    assert f'name="text" value="{VIDEO_TEXT}"' in page
    switch(cast, "off")
    assert SOUND_WORDS in lobby(cast)


def test_who_agreed_to_it_is_recorded_with_video(cast: Cast) -> None:
    switch(cast)
    assert join(cast, VIDEO_TEXT).video_is_recorded
    assert not join(cast, VIDEO_TEXT, choice="unrecorded").video_is_recorded


@pytest.mark.parametrize("text", [SOUND_TEXT, "", "room-1", "nonsense", "x" * 900])
def test_who_was_shown_other_words_is_not(cast: Cast, text: str) -> None:
    switch(cast)
    seat = join(cast, text)
    assert seat.is_recorded and not seat.video_is_recorded


def test_what_was_agreed_to_ends_when_the_host_switches_it_off(cast: Cast) -> None:
    switch(cast)
    seat = join(cast, VIDEO_TEXT)
    switch(cast, "off")
    assert not Participant.objects.get(pk=seat.pk).video_is_recorded


def test_a_mind_that_is_changed_in_the_room_is_about_the_same_words(
    cast: Cast,
) -> None:
    seat = join(cast, SOUND_TEXT)
    switch(cast)
    for choice in ("unrecorded", "recorded"):
        path = f"/room/{cast.code}/consent/"
        assert cast.guest.client.post(path, {"choice": choice}).status_code == 200
    seat.refresh_from_db()
    assert seat.is_recorded and not seat.video_is_recorded


def test_a_new_call_does_as_the_site_does(cast: Cast, settings: Any) -> None:
    owner = as_type(User, cast.owner.user)
    assert services.create_meeting(owner).records_video
    settings.RECORD_VIDEO = False
    assert not services.create_meeting(owner).records_video


def test_a_site_that_records_no_video_records_none_of_any_call(
    cast: Cast, settings: Any
) -> None:
    switch(cast)
    seat = join(cast, VIDEO_TEXT)
    settings.RECORD_VIDEO = False
    assert not Participant.objects.get(pk=seat.pk).video_is_recorded
    assert SOUND_WORDS in lobby(cast)
    answer = cast.owner.client.post(f"/room/{cast.code}/video/", {"video": "on"})
    assert answer.status_code == 404
    assert not Meeting.objects.get(pk=cast.meeting.pk).records_video
