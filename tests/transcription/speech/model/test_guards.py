"""When a decoder lost the thread, and when somebody repeats himself."""

import pytest

from transcription.speech.model import guards


@pytest.mark.parametrize(
    "text",
    [
        "And so my fellow Americans. And so my fellow Americans.",
        "He was not. He was not. He was not.",
        "you know what you know what you know what",
        "no " * 9,
        "Ask not what your country can do for you, ask not what your country can do "
        "for you, ask not what your country can do for you",
        "高" * 60,
    ],
)
def test_it_hears_a_loop(text: str) -> None:
    assert guards.repeats(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no, no.",
        "Okay, got it, got it, got it.",
        "words words words words um and that should be all",
        "Thank you. Thank you very much.",
        "Ask not what your country can do for you, ask what you can do for it.",
    ],
)
def test_people_repeat_themselves(text: str) -> None:
    assert not guards.repeats(text)


def test_short_text_says_nothing_by_its_compression() -> None:
    assert guards.compression("ha ha ha ha") == 0
    assert guards.compression("ha " * 100) > guards.COMPRESSION
