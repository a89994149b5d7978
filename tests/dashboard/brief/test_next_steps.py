"""Which sentences commit somebody to something, by language."""

import pytest

from dashboard.brief.next_steps import commitment, next_steps
from dashboard.stats.timeline import Sentence
from tests.dashboard.stats.timelines import call, speaker


@pytest.mark.parametrize(
    ("text", "language", "due"),
    [
        ("I will send you the proposal tomorrow.", "en", "tomorrow"),
        ("I'll get back to you by Friday.", "en", "by Friday"),
        ("I’ll call you next week", "en", "next week"),
        ("I need to talk to the finance team first.", "en", ""),
        ("Please send me the security report next week.", "en", "next week"),
        ("If you sign before Friday, I can offer ten percent.", "en", "before Friday"),
        ("Tuesday at ten works for me.", "en", "Tuesday"),
        ("See you on Tuesday.", "en", "on Tuesday"),
        ("We could meet next week.", "en", "next week"),
        ("So the next steps are clear.", "en", ""),
        ("Je vous envoie le contrat demain.", "fr", "demain"),
        ("Je vais vous rappeler.", "fr", ""),
        ("Ich schicke Ihnen das Angebot bis Freitag.", "de", "bis Freitag"),
        ("Können Sie mir das bitte schicken?", "de", ""),
        ("Le enviaré la propuesta mañana.", "es", "mañana"),
        ("Nos vemos el martes.", "es", "el martes"),
    ],
)
def test_it_hears_a_commitment(text: str, language: str, due: str) -> None:
    assert commitment(Sentence(text, 0, 1, language)) == due


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I'll be honest with you.", "en"),
        ("We will see.", "en"),
        ("Let me share my screen.", "en"),
        ("Let me ask you something.", "en"),
        ("I have to say it looks good.", "en"),
        ("We called them on Monday.", "en"),
        ("It was released in March 2019.", "en"),
        ("The setup takes twenty minutes.", "en"),
        ("We can talk about security.", "en"),
        ("Wir werden sehen.", "de"),
        ("Guten Morgen zusammen.", "de"),
        ("On verra bien.", "fr"),
        ("Buenas tardes a todos.", "es"),
        ("I will send it tomorrow.", "fi"),
        ("", "en"),
    ],
)
def test_it_hears_none(text: str, language: str) -> None:
    assert commitment(Sentence(text, 0, 1, language)) is None


def test_they_stand_in_order_of_time() -> None:
    found = next_steps(
        call(
            speaker(1, "us", (5_000, 6_000, "I will send it")),
            speaker(2, "them", (0, 2_000, "Please call me back"), (8_000, 9_000, "ok")),
        )
    )
    assert [(step.start_ms, step.speaker) for step in found] == [(0, 2), (5_000, 1)]


def test_a_long_line_takes_no_time() -> None:
    long = "I will " * 20_000
    assert commitment(Sentence(long, 0, 1, "en")) is None
