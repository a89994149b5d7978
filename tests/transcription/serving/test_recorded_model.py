"""Recordings may be heard by another model than live captions, which never wait."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from benchmarks.fixture_model import FIXTURE_MODEL
from config.health import doctor
from meetings import jobs
from meetings.models import Job, Track
from tests.cast import Cast
from tests.waiting import wait_until
from transcription import second_pass
from transcription.models import Configuration
from transcription.serving import choice, recorded_model, server
from transcription.speech.engine.engine import Engine
from transcription.speech.model import calibration, priority, wheels
from transcription.speech.model.calibration import Candidate, Choice
from transcription.speech.model.catalogue import ModelError
from transcription.tuning import snapshot


@pytest.fixture
def models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transactional_db: None
) -> Iterator[Path]:
    """A process that has served nothing: tiny.en, base and small are in the folder."""
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    monkeypatch.setattr(settings, "WHISPER_DEVICE", "cpu")
    monkeypatch.setattr(settings, "MODELS_DIR", tmp_path / "models")
    monkeypatch.setattr(settings, "WHISPER_MODEL", "tiny.en")
    monkeypatch.setattr(wheels, "SOURCES", {})
    Configuration.now()
    for name in ("tiny.en", "base", "small"):
        shutil.copytree(FIXTURE_MODEL, tmp_path / "models" / name)
    yield tmp_path / "models"
    recorded_model.here().stop()
    server.here().stop()
    recorded_model.here().start()


def speeds(monkeypatch: pytest.MonkeyPatch, **speed: float) -> list[str]:
    """How quick models are; the names of those that were timed."""
    timed: list[str] = []

    def measured(candidate: Candidate, threads: int) -> float:
        timed.append(candidate.name)
        return speed[candidate.name.replace(".", "_")]

    monkeypatch.setattr(calibration, "_speed", measured)
    return timed


def test_it_takes_the_largest_that_hears_twice_as_quick_as_people_talk(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = speeds(monkeypatch, tiny_en=9, base=4, small=1.4)
    assert choice.recorded() == ("base", models / "base")
    assert choice.recorded().name == "base"
    assert timed == ["tiny.en", "base", "small"]  # once
    told = "times as quick as speech: tiny.en 9.0, base 4.0, small 1.4; 2 is enough"
    assert str(doctor.CHECKS["recordings"]()) == (
        f"base in {models / 'base'} (auto: {told})"
    )


def test_it_is_measured_again_when_other_models_are_here(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = speeds(monkeypatch, tiny_en=9, base=4, small=3)
    shutil.move(models / "small", models / "small.away")
    assert choice.recorded().name == "base"
    shutil.move(models / "small.away", models / "small")
    assert choice.recorded().name == "small"
    assert len(timed) == 5


def test_it_is_never_smaller_than_the_live_model(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WHISPER_MODEL", "small")
    assert choice.recorded().name == "small"
    monkeypatch.setattr(settings, "WHISPER_MODEL", "base")
    speeds(monkeypatch, base=0.5, small=0.2)
    assert choice.recorded().name == "base"


def test_a_model_of_ones_own_hears_recordings_too(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(FIXTURE_MODEL))
    with recorded_model.here().engine() as engine:
        assert engine is server.here().engine()
    assert not recorded_model.here().is_loaded


@pytest.mark.parametrize("name", ["smal", "/nowhere/at/all", "medium"])
def test_a_model_that_is_named_and_not_here_is_never_replaced(
    models: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast, name: str
) -> None:
    monkeypatch.setattr(settings, "RECORDED_MODEL", name)
    with pytest.raises(ModelError):
        choice.recorded()
    finding = doctor.CHECKS["recordings"]()
    assert finding.state == "fail"
    assert f"RECORDED_MODEL={name}" in str(finding)
    job = Job.objects.create(meeting=cast.meeting, kind="second_pass")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.QUEUED, second_pass.NO_MODEL)


def test_another_model_is_loaded_for_a_recording_and_given_up_when_idle(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "RECORDED_MODEL", "base")
    live = server.here().ensure()
    with recorded_model.here().engine() as engine:
        assert engine is not live
        assert engine.stats().model == "base"
    with recorded_model.here().engine() as again:
        assert again is engine  # the next call follows at once
        monkeypatch.setattr(recorded_model, "IDLE", 0.2)
    wait_until(lambda: not recorded_model.here().is_loaded)
    assert live.ready.is_set()


def test_each_line_knows_which_model_heard_it(
    models: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    assert cast.owner.seat
    monkeypatch.setattr(settings, "RECORDED_MODEL", "base")
    track = Track(participant=cast.owner.seat, file="a.ogg", duration_ms=10_000)
    monkeypatch.setattr(second_pass, "_samples", lambda _: iter(spoken()))
    with recorded_model.here().engine() as engine:
        second_pass.hear_again(track, lambda _: None, engine)
    heard = set(cast.meeting.utterances.values_list("model", flat=True))
    [label] = heard
    assert label.startswith("base ") and len(label) == len("base ") + 8


def spoken() -> list[Any]:
    from benchmarks.call import FIXTURE_CALL
    from meetings.media.pcm import read_pcm16k

    return [part for _, part in read_pcm16k(FIXTURE_CALL / "ben.ogg")][:500]


def test_it_ends_with_its_process(
    models: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    monkeypatch.setattr(settings, "RECORDED_MODEL", "base")
    recorded_model.here().stop()
    job = Job.objects.create(meeting=cast.meeting, kind="second_pass")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)


def priorities() -> dict[int, int]:
    """Of the threads of this process, by their ids."""
    ids = [int(path.name) for path in Path("/proc/self/task").iterdir()]
    return {pid: os.getpriority(os.PRIO_PROCESS, pid) for pid in ids}


def test_threads_that_compute_give_way_and_no_others() -> None:
    """One that held the interpreter's lock would make live captions wait."""
    before = priorities()
    engine = Engine(FIXTURE_MODEL, device="cpu", gives_way=True)
    engine.start()
    try:
        assert engine.ready.wait(60)
        engine.transcribe(spoken()[0])
        began = {pid: nice for pid, nice in priorities().items() if pid not in before}
        python = {thread.native_id for thread in threading.enumerate()}
        own = [nice for pid, nice in began.items() if pid in python]
        computes = [nice for pid, nice in began.items() if pid not in python]
        assert set(own) == {os.getpriority(os.PRIO_PROCESS, 0)}
        assert computes and set(computes) == {priority.LAST}
    finally:
        engine.stop()


def test_what_gives_way_gives_back_its_result() -> None:
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def look() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert priority.behind_others(look) == priority.LAST
    assert look() == here
    with pytest.raises(ZeroDivisionError):
        priority.behind_others(lambda: 1 // 0)


def test_nothing_is_measured_where_nothing_can_be() -> None:
    assert calibration.for_recordings([]) is None
    assert calibration.for_recordings([Candidate("base", Path("/nowhere"))]) is None
    slow = Choice("tiny.en", "times as quick as speech: tiny.en 0.5; 2 is enough")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "_speed", lambda *_: 0.5)
        found = [Candidate("base", Path()), Candidate("tiny.en", Path())]
        assert calibration.for_recordings(found) == slow
