"""Every command of ours after ``make setup`` alone: a line, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.fixture_model import FIXTURE_MODEL
from config import command_line
from tests.services import ROOT, temporary_folder

SOUND = "tests/espeak_call/ben.ogg"
COMMANDS = {
    "add_source": ["new", "--kind", "whip"],
    "build_bag": ["--language", "en"],
    "clean_text": ["--language", "en"],
    "demo_data": ["--calls", "1"],
    "doctor": [],
    "export": ["abc", "--to", "nowhere"],
    "fetch_model": ["colossal"],
    "hear_again": ["abc"],
    "import_bag": ["pyproject.toml", "--language", "en"],
    "import_call": [SOUND],
    "languages": ["export"],
    "signin_link": ["olga@example.com"],
    "stats": ["abc"],
    "transcribe": ["no-such-file.ogg"],
    "transcript": ["abc"],
    "worker": [],
}
SERVERS = {"up", "pages", "calls", "worker"}  # they make what they need, or wait
NEED_TABLES = {
    *(
        "add_source",
        "build_bag",
        "clean_text",
        "import_bag",
        "import_call",
        "languages",
    ),
    *("demo_data", "export", "hear_again"),
    *("signin_link", "stats", "transcript"),
}


# One process that forks for each command: to import everything takes the longest.
EACH = """
import json, os, signal, sys, tempfile, traceback
import django
django.setup()
from config import command_line
for words in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            signal.alarm(240)
            try:
                command_line.main(["manage.py", *words])
            except SystemExit as end:
                if isinstance(end.code, str):
                    print(end.code, file=sys.stderr)
                status = 1 if end.code else 0
            except BaseException:
                traceback.print_exc()
                status = 1
            else:
                status = 0
            sys.stderr.flush()
            os._exit(status)  # no end of threads that a fork has not
        _, status = os.waitpid(child, 0)
        said.seek(0)
        print(json.dumps([words[0], os.waitstatus_to_exitcode(status), said.read()]))
"""
Said = dict[str, tuple[int, str]]


def say(*commands: list[str], **environment: str) -> Said:
    """Exit status and standard error of each command, on an empty data folder."""
    names = ("DATABASE_URL", "REDIS_URL", "PORT")
    kept = {key: value for key, value in os.environ.items() if key not in names}
    with temporary_folder() as data:
        ours = {"DATA_DIR": str(data), "WHISPER_MODEL": str(FIXTURE_MODEL)}
        done = subprocess.run(
            [sys.executable, "-c", EACH, json.dumps(commands)],
            cwd=ROOT,
            env={**kept, **ours, "DJANGO_SETTINGS_MODULE": "config.settings"}
            | environment,
            capture_output=True,
            check=True,
            text=True,
            timeout=600,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (status, told) for name, status, told in lines}


@pytest.fixture(scope="module")
def said() -> Said:
    return say(*([name, *words] for name, words in COMMANDS.items()))


def test_it_knows_every_command() -> None:
    found = ROOT.glob("*/management/commands/[a-z]*.py")
    assert {path.stem for path in found} == set(COMMANDS) | SERVERS


@pytest.mark.parametrize("command", COMMANDS)
def test_it_says_in_a_line_what_is_missing(said: Said, command: str) -> None:
    status, told = said[command]
    lines = [line for line in told.splitlines() if "[info" not in line]
    assert status in (0, 1)
    assert "Traceback" not in told
    assert len(lines) <= 1
    if command in NEED_TABLES:
        assert (status, lines) == (1, [f"earshot: {command_line.NO_TABLES}"])


def test_it_says_that_the_database_is_away() -> None:
    nowhere = "postgres://nobody@127.0.0.1:9/nothing"
    status, told = say(["transcript", "abc"], DATABASE_URL=nowhere)["transcript"]
    assert status == 1
    assert told.startswith("earshot: the database does not answer: ")
    assert len(told.splitlines()) == 1


def test_it_shows_a_traceback_to_who_asks_for_it() -> None:
    assert "Traceback" in say(["transcript", "abc", "--traceback"])["transcript"][1]


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(arguments: list[str]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    with pytest.raises(ZeroDivisionError):
        command_line.main(["manage.py", "transcript", "abc"])


def test_a_reader_who_leaves_early_is_no_fault(
    db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """manage.py languages export | head"""

    def gone(*text: object, **how: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("django.core.management.base.OutputWrapper.write", gone)
    with open(tmp_path / "stdout", "w") as stdout, pytest.raises(SystemExit) as end:
        monkeypatch.setattr(sys, "stdout", stdout)
        command_line.main(["manage.py", "languages", "export"])
    assert end.value.code == 1
