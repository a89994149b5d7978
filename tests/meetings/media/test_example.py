import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from meetings.media.egress.manifest import RecordingManifest
from tests.live_sources import make, tone
from tests.services import ROOT

PAGE = ROOT / "docs" / "media.md"


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    """As it stands there, without Django's settings."""
    example = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example is not None
    script = tmp_path / "example.py"
    script.write_text(example[1])
    call = make(tmp_path / "call.mp3", *tone(660, 2), "-c:a", "libmp3lame")
    environ = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}

    done = subprocess.run(
        [sys.executable, str(script), str(call), str(tmp_path / "recordings")],
        env=environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
    )

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[-1].strip() == "complete" and lines[0].startswith("anna ")
    (segment,) = RecordingManifest(tmp_path / "recordings").load().values()
    assert segment.state == "closed"
    assert segment.duration_ms == pytest.approx(2000, abs=150)
