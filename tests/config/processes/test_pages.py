"""What runs beside the pages, in their process."""

import threading
from typing import Any

import pytest

from config.processes import workers
from config.processes.pages import LanguageJobs


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, threading.Event]]:
    """What threads were asked to work on, with what tells them to stop."""
    begun: list[tuple[str, threading.Event]] = []
    monkeypatch.setattr(workers, "work_in_thread", lambda *about: begun.append(about))
    return begun


def test_a_language_model_has_a_thread_of_its_own(
    settings: Any, queues: list[tuple[str, threading.Event]]
) -> None:
    settings.LLM_URL = "http://localhost:11434/v1"
    part = LanguageJobs()
    part.start()
    ((queue, stopping),) = queues
    assert (queue, stopping.is_set()) == ("language", False)
    part.stop()
    assert stopping.is_set()


def test_where_there_is_none_nothing_waits_for_it(
    settings: Any, queues: list[tuple[str, threading.Event]]
) -> None:
    settings.LLM_URL = ""
    LanguageJobs().start()
    assert queues == []
