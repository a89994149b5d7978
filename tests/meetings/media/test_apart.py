"""Files are read in another process, and what becomes of that one is known here."""

import subprocess
import sys
from pathlib import Path

import pytest

from meetings.media.errors import MediaError
from meetings.media.ingress import apart


def test_it_does_not_wait_for_a_reader_that_is_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "STALLED", 0.2)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child,
        pytest.raises(MediaError) as failed,
    ):
        apart._follow(child, lambda share: None)
    assert failed.value.code == "crashed"


def test_what_stops_the_work_ends_the_reader(tmp_path: Path) -> None:
    source = Path("meetings/demo_call/anna.ogg")
    out = tmp_path / "out.ogg"

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart.decode_apart(source, {0: [out]}, on_progress=stop)
    assert list(tmp_path.iterdir()) == []
