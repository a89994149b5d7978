"""A ZIP that is written for hours survives what happens to its process."""

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.exports.archive import Archive

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from dashboard.exports.archive import Archive

def step(count):
    if archive.done:
        os.kill(os.getpid(), signal.SIGKILL)

archive = Archive(Path(sys.argv[1]), lambda count: None)
archive.add("one/a.txt", b"first", datetime(2026, 11, 20))
archive.note("one", ["one"])
archive.save()
archive._step = step
archive.copy("two/b.bin", Path(sys.argv[2]), datetime(2026, 11, 20))
"""


def ignored(count: int) -> None:
    """Of no interest here."""


def test_it_goes_on_behind_the_last_whole_part_after_a_kill(tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(b"x" * 5_000_000)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "out"), str(source)]
    assert subprocess.run(command, check=False).returncode == -9
    archive = Archive(tmp_path / "out", ignored)
    assert archive.done == {"one": ["one"]}
    archive.copy("two/b.bin", source, AT)
    archive.finish(tmp_path / "out" / "calls.zip")
    with zipfile.ZipFile(tmp_path / "out" / "calls.zip") as made:
        assert made.testzip() is None
        assert made.namelist() == ["one/a.txt", "two/b.bin"]
        assert made.read("one/a.txt") == b"first"


@pytest.mark.parametrize("notes", [b"", b"{", b'{"bytes": 9, "done": {}}\nno zip'])
def test_it_begins_anew_where_its_notes_are_no_use(
    tmp_path: Path, notes: bytes
) -> None:
    (tmp_path / "calls.zip.part").write_bytes(b"half of something")
    (tmp_path / "checkpoint").write_bytes(notes)
    archive = Archive(tmp_path, ignored)
    archive.add("a.txt", b"all", AT)
    archive.finish(tmp_path / "calls.zip")
    with zipfile.ZipFile(tmp_path / "calls.zip") as made:
        assert made.namelist() == ["a.txt"]


def test_it_takes_a_call_of_before_1980(tmp_path: Path) -> None:
    archive = Archive(tmp_path, ignored)
    archive.add("a.txt", b"old", datetime(1970, 1, 1, tzinfo=UTC))
    archive.finish(tmp_path / "calls.zip")
    with zipfile.ZipFile(tmp_path / "calls.zip") as made:
        assert made.infolist()[0].date_time[0] == 1980
