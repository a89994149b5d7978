"""A language model's server for each test that names it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake_model import FakeModel, fake_model


@pytest.fixture
def model(settings: Any) -> Iterator[FakeModel]:
    with fake_model() as model:
        settings.LLM_URL = model.url
        settings.LLM_MODEL = "tiny-1"
        settings.LLM_KEY = "sk-very-secret"
        settings.LLM_SECONDS = 5
        yield model
