"""The ledger in the page of a call: seen, heard, restored, taught to the bag."""

from typing import Any

import pytest

from meetings.models import Job, Meeting, Participant
from tests.cast import Cast
from tests.dashboard.calls import say
from transcription.models import Configuration, Language, Phrase, Removal, Utterance


def remove(
    speaker: Participant,
    raw: str = "Thanks for watching!",
    start_ms: int = 2_000,
    line: Utterance | None = None,
    reason: str = "known phrase",
) -> Removal:
    return Removal.objects.create(
        meeting_id=speaker.meeting_id,
        participant=speaker,
        utterance=line,
        raw=raw,
        reason=reason,
        start_ms=start_ms,
        end_ms=start_ms + 900,
    )


def post(cast: Cast, piece: str) -> Any:
    return cast.owner.client.post(f"/calls/{cast.code}/{piece}")


def make_staff(cast: Cast) -> None:
    for visitor in (cast.owner, cast.stranger):
        assert visitor.user
        visitor.user.is_staff = True
        visitor.user.save()


def tiers() -> dict[str, str]:
    rows = Phrase.objects.filter(source=Phrase.Source.PERSON)
    return {f"{row.language.code}: {row.phrase}": row.tier for row in rows}


def test_it_requires_access(cast: Cast, owner: Participant) -> None:
    base = f"/calls/{cast.code}"
    row, line = remove(owner), say(owner, 0, "Hello", language="en")
    assert cast.let_in(f"{base}/removals/") == {"owner", "teammate"}
    assert cast.let_in(f"{base}/removals/{row.pk}/restore/", "post") == {"owner"}
    for piece in (f"removals/{row.pk}/keep/", f"lines/{line.pk}/bag/"):
        assert cast.let_in(f"{base}/{piece}", "post") == set()


def test_it_lets_staff_tune_from_what_they_see(cast: Cast, owner: Participant) -> None:
    make_staff(cast)
    row, line = remove(owner), say(owner, 0, "Hello", language="en")
    for piece in (f"removals/{row.pk}/keep/", f"lines/{line.pk}/bag/"):
        assert cast.let_in(f"/calls/{cast.code}/{piece}", "post") == {"owner"}


def test_it_changes_nothing_by_a_link(cast: Cast, owner: Participant) -> None:
    row = remove(owner)
    for piece in ("restore", "keep"):
        answer = cast.owner.client.get(f"/calls/{cast.code}/removals/{row.pk}/{piece}/")
        assert answer.status_code == 405


def test_it_keeps_to_the_call(cast: Cast, ended: Meeting) -> None:
    make_staff(cast)
    assert cast.other_guest.seat
    row, line = remove(cast.other_guest.seat), say(cast.other_guest.seat, 0, "Mine")
    for piece in (
        f"removals/{row.pk}/restore/",
        f"removals/{row.pk}/keep/",
        f"lines/{line.pk}/bag/",
    ):
        assert post(cast, piece).status_code == 404
    html = cast.owner.client.get(f"/calls/{cast.code}/removals/").content.decode()
    assert "<li" not in html


def test_it_lists_what_was_removed_in_order_of_time(
    cast: Cast, owner: Participant, guest: Participant
) -> None:
    remove(guest, "<b>Later</b>", 61_500, reason="loop")
    remove(owner, start_ms=2_000)
    html = cast.owner.client.get(f"/calls/{cast.code}/removals/").content.decode()
    assert html.index("often written where nobody spoke") < html.index(
        "the same words again"
    )
    assert 'href="#t=61.5"' in html
    assert "&lt;b&gt;Later" in html
    assert html.count("Restore") == 2
    assert "Always keep" not in html
    seen = cast.teammate.client.get(f"/calls/{cast.code}/removals/").content.decode()
    assert "Restore" not in seen


def test_it_offers_the_bag_to_staff_alone(cast: Cast, owner: Participant) -> None:
    say(owner, 0, "Hello")
    remove(owner)
    path = f"/calls/{cast.code}/"
    assert "Add to bag" not in cast.owner.client.get(path).content.decode()
    make_staff(cast)
    page = cast.owner.client.get(path).content.decode()
    assert "Show removed lines" in page
    assert "Add to bag" in page
    changed = cast.owner.client.get(f"{path}lines/?ids={Utterance.objects.get().pk}")
    assert "Add to bag" in changed.content.decode()
    listed = cast.owner.client.get(f"{path}removals/").content.decode()
    assert "Always keep" in listed


def test_it_restores_a_line_of_its_own(cast: Cast, owner: Participant) -> None:
    say(owner, 0, "Bonjour", language="fr")
    row = remove(owner, "Merci à vous", 3_000)
    answer = post(cast, f"removals/{row.pk}/restore/").content.decode()
    assert "1 line restored." in answer
    assert "Restore<" not in answer
    line = Utterance.objects.get(text="Merci à vous")
    assert (line.start_ms, line.end_ms, line.language) == (3_000, 3_900, "fr")
    assert [word[:3] for word in line.words] == [
        ["Merci", 3_000, 3_300],
        ["à", 3_300, 3_600],
        ["vous", 3_600, 3_900],
    ]
    row.refresh_from_db()
    assert row.restored_at
    assert row.utterance == line
    listed = cast.owner.client.get(f"/calls/{cast.code}/removals/").content.decode()
    assert "Merci" not in listed


@pytest.mark.parametrize(
    ("start_ms", "text"),
    [
        (0, "No no. Well, I agree."),
        (1_250, "Well, No no. I agree."),
        (9_000, "Well, I agree. No no."),
    ],
)
def test_it_puts_text_back_into_its_line(
    cast: Cast, owner: Participant, start_ms: int, text: str
) -> None:
    line = say(owner, 1_000, "Well, I agree.")  # words at 1000, 1300, 1600
    row = remove(owner, "No no.", start_ms, line)
    post(cast, f"removals/{row.pk}/restore/")
    line.refresh_from_db()
    assert line.text == text
    assert " ".join(word[0] for word in line.words) == text
    assert line.start_ms == min(1_000, start_ms)
    assert line.end_ms == max(1_850, start_ms + 900)
    assert Utterance.objects.count() == 1


def test_it_puts_text_back_into_a_line_without_word_times(
    cast: Cast, owner: Participant
) -> None:
    line = say(owner, 1_000, "I agree.", words=[])
    row = remove(owner, "Well.", 1_000, line)
    post(cast, f"removals/{row.pk}/restore/")
    line.refresh_from_db()
    assert line.text == "Well. I agree."


def test_it_restores_once(cast: Cast, owner: Participant) -> None:
    row = remove(owner)
    for _ in range(2):
        assert post(cast, f"removals/{row.pk}/restore/").status_code == 200
    assert Utterance.objects.count() == 1


def test_it_has_restored_text_indexed(cast: Cast, owner: Participant) -> None:
    row = remove(owner)
    post(cast, f"removals/{row.pk}/restore/")
    assert Job.objects.filter(meeting=owner.meeting, kind="index").exists()


def test_it_always_keeps(cast: Cast, owner: Participant) -> None:
    make_staff(cast)
    say(owner, 0, "Hello", language="en")
    row, version = remove(owner, "Well met again!"), Configuration.now().version
    answer = post(cast, f"removals/{row.pk}/keep/").content.decode()
    assert answer == "“Well met again!” is always kept now."
    assert tiers() == {"en: Well met again!": "keep"}
    assert Configuration.now().version == version + 1


def test_it_adds_a_line_to_the_bag(cast: Cast, owner: Participant) -> None:
    make_staff(cast)
    line = say(owner, 0, "Quack, quack.", language="fr")
    version = Configuration.now().version
    answer = post(cast, f"lines/{line.pk}/bag/").content.decode()
    assert answer == "“Quack, quack.” is in the bag now."
    assert tiers() == {"fr: Quack, quack.": "ambiguous"}
    assert Configuration.now().version == version + 1


def test_it_changes_a_phrase_that_is_there(cast: Cast, owner: Participant) -> None:
    make_staff(cast)
    english = Language.objects.get(code="en")
    english.phrases.create(phrase="Quack", normal="quack", tier="certain", count=7)
    say(owner, 0, "Hello", language="en")
    post(cast, f"removals/{remove(owner, 'quack!').pk}/keep/")
    row = english.phrases.get(normal="quack")
    assert (row.phrase, row.tier, row.count) == ("Quack", "keep", 7)


def test_it_leaves_a_certain_phrase_certain(cast: Cast, owner: Participant) -> None:
    make_staff(cast)
    english = Language.objects.get(code="en")
    english.phrases.create(phrase="Quack", normal="quack", tier="certain")
    post(cast, f"lines/{say(owner, 0, 'Quack.', language='en').pk}/bag/")
    assert english.phrases.get(normal="quack").tier == "certain"


@pytest.mark.parametrize(
    ("raw", "language", "reason"),
    [
        ("...", "en", "There is no word in it"),
        ("x" * 201, "en", "at most 200 characters"),
        ("Diolch", "cy", "There is no language 'cy' in the admin"),
    ],
)
def test_it_says_why_a_text_is_no_phrase(
    cast: Cast, owner: Participant, raw: str, language: str, reason: str
) -> None:
    make_staff(cast)
    say(owner, 0, "Hello", language=language)
    version = Configuration.now().version
    answer = post(cast, f"removals/{remove(owner, raw).pk}/keep/")
    assert answer.status_code == 400
    assert reason in answer.content.decode()
    assert (tiers(), Configuration.now().version) == ({}, version)
