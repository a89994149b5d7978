import subprocess
import sys

import pytest

from benchmarks.rivals.registry import RIVALS, named


def test_it_says_which_peers_there_are() -> None:
    with pytest.raises(ValueError, match="no peer 'whisperx'; there are .*naive"):
        named("whisperx")
    assert all(named(known.name) is known for known in RIVALS)


def test_an_unknown_peer_is_a_line_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", "--peers", "whisperx"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no peer 'whisperx'; there are" in done.stderr
    assert "Traceback" not in done.stderr
