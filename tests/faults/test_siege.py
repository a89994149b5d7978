"""A short siege and a few kills of a whole site; benchmarks/ has the long forms."""

import json
import subprocess
import sys

from benchmarks.attacks import KINDS
from benchmarks.siege import QUIET
from tests.services import ROOT

GAP_MS = 1000  # heard, on a machine that runs callers, attackers and other tests
LOST_S = 1.0


def run(module: str, *words: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", "--json", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    figures: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_nobody_in_a_call_notices_an_attack() -> None:
    """How late captions are is for the benchmark: here, other tests are at work."""
    rows = run("siege", "--seconds", "5", "--people", "2")
    assert list(rows) == [QUIET, *KINDS]
    for attack, row in rows.items():
        assert isinstance(row, dict)
        assert (row["lost"], row["tracks"]) == (0, 2), attack
        assert row["gap_ms"] < GAP_MS, attack


def test_nothing_is_lost_when_processes_are_killed() -> None:
    figures = run("kills", "--kills", "30")
    for name in ("unfinished", "jobs_twice", "finals_lost"):
        assert figures[name] == [], name
    assert figures["transcripts"] == 1
    assert isinstance(figures["finals_seen"], int) and figures["finals_seen"] > 0
    assert isinstance(figures["missing"], list)
    assert max(figures["missing"], default=0.0) < LOST_S
