"""The speech library works where there is no web framework."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_it_needs_no_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import transcription.speech.engine, transcription.speech.fetching"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
