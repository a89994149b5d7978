"""The espeak call and an engine with the fixture model, for the tests of speech."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.pcm import read_pcm16k
from tests.services import ROOT
from tests.spoken_call import Call, Tracks
from transcription.speech.engine.engine import Engine

CALL = ROOT / "tests" / "espeak_call"


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return FIXTURE_MODEL


@pytest.fixture(scope="session")
def call() -> Call:
    content: Call = json.loads((CALL / "call.json").read_text())
    return content


@pytest.fixture(scope="session")
def tracks() -> Tracks:
    return {
        file.stem: np.concatenate([samples for _, samples in read_pcm16k(file)])
        for file in sorted(CALL.glob("*.ogg"))
    }


@pytest.fixture(scope="session")
def engine(model_folder: Path) -> Iterator[Engine]:
    engine = Engine(model_folder, device="cpu", cpu_threads=1)
    engine.start()
    assert engine.ready.wait(30)
    yield engine
    engine.stop()
