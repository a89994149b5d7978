"""Where the words of a call change."""

from itertools import cycle

from dashboard.brief.chapters import chapters
from dashboard.stats.turns import FloorTurn
from tests.dashboard.stats.timelines import Said, heard, speaker

SUBJECTS = (
    "budget invoice discount pricing contract payment invoice budget",
    "security encryption password audit firewall audit security encryption",
    "training onboarding workshop trainer course workshop training onboarding",
)
STEP = 10_000


def turns(*lengths: int) -> tuple[FloorTurn, ...]:
    """A turn every ten seconds; so many of each subject, with words of every day."""
    said: list[tuple[int, Said]] = []
    fill = cycle(["really think about this", "that would make sense", "okay then with"])
    for subject, length in zip(SUBJECTS, lengths, strict=False):
        for _ in range(length):
            at = STEP * len(said)
            line = f"{next(fill)} {subject}"
            said.append((len(said) % 2, (at, at + 8_000, line)))
    us = speaker(1, "us", *(line for who, line in said if not who))
    them = speaker(2, "them", *(line for who, line in said if who))
    return heard(us, them, recorded_ms=STEP * len(said)).turns


def test_a_chapter_begins_where_the_subject_changes() -> None:
    found = chapters(turns(30, 30, 30))
    assert [round(chapter.start_ms / STEP) for chapter in found] == [0, 30, 60]
    assert [chapter.words[0] for chapter in found] == ["budget", "audit", "onboarding"]


def test_a_short_call_has_none() -> None:
    assert chapters(turns(10, 10)) == []


def test_one_subject_is_no_chapter() -> None:
    assert chapters(turns(60)) == []


def test_nothing_said_has_none() -> None:
    assert chapters([]) == []
