"""``manage.py transcribe``: recordings as lines or JSON, without a database."""

import json
import wave
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.pcm import read_pcm16k
from tests.imported_files import IMPORTS
from transcription.management.commands.transcribe import clock

CALL = Path(__file__).parents[1] / "espeak_call"


@pytest.fixture(autouse=True)
def fixture_model(settings: Settings) -> None:
    settings.WHISPER_MODEL = str(FIXTURE_MODEL)
    settings.WHISPER_DEVICE = "cpu"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Ten seconds of two people, as people hand them in."""
    return [clip("carol", tmp_path), clip("ben", tmp_path)]


def clip(name: str, folder: Path) -> Path:
    samples = np.concatenate([part for _, part in read_pcm16k(CALL / f"{name}.ogg")])
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(samples[16_000 * 7 : 16_000 * 17].tobytes())
    return folder / f"{name}.wav"


def run(*args: object) -> str:
    out = StringIO()
    call_command("transcribe", *args, stdout=out)
    return out.getvalue()


def test_it_prints_all_files_in_order_of_time(files: list[Path]) -> None:
    lines = json.loads(run(*files, "--json", "--language", "en"))
    assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)
    assert {line["speaker"] for line in lines} == {"ben", "carol"}
    first = lines[0]
    assert first["text"] == "Good morning Anna, how are you today?"
    assert [word for word, _, _ in first["words"]] == first["text"].split()
    assert 0.8 < first["words"][0][1] < first["words"][-1][2] < 3.1


def test_it_prints_lines_for_people(files: list[Path]) -> None:
    assert run(files[0]) == "[0:00:07.5] carol: Yes, I can hear you.\n"


def test_each_track_of_a_file_is_a_person_at_their_times() -> None:
    lines = json.loads(run(IMPORTS / "twotracks.mp4", "--json", "--language", "en"))
    begins = {line["speaker"]: line["start"] for line in reversed(lines)}
    assert begins["twotracks (1)"] == pytest.approx(1.5, abs=0.35)
    assert begins["twotracks (2)"] == pytest.approx(7.87, abs=0.35)


def test_words_of_a_late_file_are_late() -> None:
    lines = json.loads(run(IMPORTS / "late.mka", "--json", "--language", "en"))
    assert lines[0]["text"] == "Good morning Anna, how are you today?"
    assert lines[0]["start"] == pytest.approx(7.87, abs=0.35)


def test_a_bad_file_does_not_keep_the_others_back(
    files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no sound in here")
    out = StringIO()
    with pytest.raises(CommandError, match="notes.txt"):
        call_command("transcribe", tmp_path / "notes.txt", *files, stdout=out)
    assert "carol: Yes, I can hear you." in out.getvalue()


def test_it_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no sound in here")
    with pytest.raises(CommandError):
        run(tmp_path / "notes.txt")


def test_it_says_what_is_wrong_with_a_language(files: list[Path]) -> None:
    with pytest.raises(CommandError, match="no language 'xx'"):
        run(files[0], "--language", "xx")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00:00.0"), (59.96, "0:01:00.0"), (3661.25, "1:01:01.2")],
)
def test_it_tells_times(seconds: float, told: str) -> None:
    assert clock(seconds) == told


def test_files_are_looked_into_before_the_model_is_loaded(
    tmp_path: Path, settings: Settings
) -> None:
    settings.WHISPER_MODEL = str(tmp_path / "none")
    with pytest.raises(CommandError, match="missing.wav"):
        run(tmp_path / "missing.wav")
