"""What tests of meetings share."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def uploads_dir(settings: Any, tmp_path: Path) -> Path:
    """Where uploads wait, in this test alone."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.UPLOADS_DIR.mkdir()
    return Path(settings.UPLOADS_DIR)
