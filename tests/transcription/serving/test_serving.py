"""Which model serves, which one takes over when, and what people are told of it."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from benchmarks.call import FIXTURE_CALL
from benchmarks.fixture_model import FIXTURE_MODEL
from config.health import doctor
from meetings import jobs, taps
from meetings.models import Job, Track
from tests.cast import Cast
from tests.fake_hub import FakeHub
from transcription import second_pass
from transcription.models import Configuration, Language, Utterance
from transcription.serving import choice, sentences, server
from transcription.speech.engine.engine import Engine
from transcription.speech.model import calibration, catalogue, wheels
from transcription.speech.model.calibration import Choice
from transcription.speech.model.catalogue import ModelError
from transcription.tuning import snapshot


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> server.Serving:
    """What serves, as a test has it; the engine is not started."""
    serves = server.Serving(wanted="small")
    monkeypatch.setattr(server.here(), "_now", serves)
    return serves


def serve(now: server.Serving, model: str) -> None:
    now.engine, now.model = Engine(FIXTURE_MODEL), model
    now.engine.ready.set()


def test_it_says_nothing_when_the_chosen_model_serves(now: server.Serving) -> None:
    serve(now, "small")
    assert banner() == ""


def test_it_says_nothing_while_it_loads(now: server.Serving) -> None:
    assert banner() == ""
    now.engine = Engine(FIXTURE_MODEL)
    assert banner() == ""


def test_it_says_that_there_are_no_captions_yet(now: server.Serving) -> None:
    now.problem, now.fetched = "the hub was away at first", 0.52
    assert banner() == (
        "There are no captions: small is being fetched, 52%. Calls are recorded."
    )


def test_it_says_that_there_are_no_captions(now: server.Serving) -> None:
    now.problem = "/srv/models/small lacks model.bin"
    assert banner() == (
        "There are no captions: the model could not be loaded. Calls are recorded; "
        "an admin finds the reason in the log."
    )


def test_it_says_which_model_serves_meanwhile(now: server.Serving) -> None:
    serve(now, "base")
    now.fetched = 0.52
    assert banner() == "base writes the captions until small is here: 52%."


def test_it_says_that_another_model_could_not_be_had(now: server.Serving) -> None:
    serve(now, "base")
    now.problem = "/srv/models/small lacks model.bin"
    told = "base goes on writing the captions: small could not be loaded."
    assert banner() == f"{told} The log says why."


@pytest.fixture
def fresh(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transactional_db: None
) -> Iterator[Path]:
    """A process that has served nothing, without wheels; yields its model folder."""
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    monkeypatch.setattr(server, "RETRY", 0.2)
    monkeypatch.setattr(settings, "WHISPER_DEVICE", "cpu")
    monkeypatch.setattr(settings, "MODELS_DIR", tmp_path / "models")
    monkeypatch.setattr(wheels, "SOURCES", {})
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    Configuration.now()
    yield tmp_path / "models"
    server.here().stop()


def status() -> dict[str, Any]:
    return server.here().status()


def banner() -> str:
    return sentences.banner(status())


def within(seconds: float, true: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def serves(name: str) -> bool:
    now = status()
    return bool(now["ready"]) and now["model"] == name


def test_auto_is_measured_once_and_written_down(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WHISPER_MODEL", "auto")
    measured = iter([Choice("base", "quick enough"), Choice("tiny", "busy")])
    monkeypatch.setattr(calibration, "for_cpu", lambda *_: next(measured))
    assert [choice.wanted_model(), choice.wanted_model()] == ["base", "base"]
    assert (fresh / "auto-cpu").read_text() == "base\nquick enough\n"
    assert "(auto: quick enough)" in str(doctor.CHECKS["model"]())


@pytest.mark.parametrize("note", ["tiny\n", "", "huge\nwhy\n", "base"])
def test_an_old_note_is_measured_again(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    fresh.mkdir()
    (fresh / "auto-cpu").write_text(note)
    found = Choice("base", "quick enough")
    monkeypatch.setattr(calibration, "for_cpu", lambda *_: found)
    assert choice.chosen() == found


def test_auto_measures_what_is_here(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURE_MODEL, fresh / "tiny.en")
    shutil.copytree(FIXTURE_MODEL, fresh / "base")
    (fresh / "small").mkdir()
    seen: list[str] = []

    def measure(candidate: calibration.Candidate, _: int) -> calibration.MachineSpeed:
        seen.append(candidate.name)
        return calibration.MachineSpeed(0.05, 0.05)

    monkeypatch.setattr(calibration, "measure", measure)
    assert choice.chosen().size == "base"
    assert seen == ["tiny.en", "base"]
    (fresh / "auto-cpu").unlink()
    seen.clear()
    monkeypatch.setattr(settings, "CAPTION_LANGUAGE", "fr")
    choice.chosen()
    assert seen == ["base"]


def test_auto_writes_nothing_down_where_nothing_is_here(fresh: Path) -> None:
    assert choice.chosen().size == "base"
    assert not (fresh / "auto-cpu").exists()


def test_auto_serves_what_is_here_and_says_so(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chosen size is fetched; when it comes, in whatever way, it takes over."""
    monkeypatch.setattr(settings, "WHISPER_MODEL", "auto")
    shutil.copytree(FIXTURE_MODEL, fresh / "base")
    (fresh / "auto-cpu").write_text("small\nthe machine is quick\n")
    server.here().start()
    assert within(20, lambda: serves("base") and bool(status()["problem"]))
    assert "base" in banner()
    assert "small" in banner()
    shutil.copytree(FIXTURE_MODEL, fresh / "other").rename(fresh / "small")
    assert within(20, lambda: serves("small"))
    assert (banner(), status()["problem"]) == ("", "")


def test_what_is_in_a_wheel_serves_until_the_chosen_model_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the first start on a GPU, where nothing is measured."""
    monkeypatch.setattr(settings, "MODELS_DIR", tmp_path)
    monkeypatch.setattr(settings, "WHISPER_MODEL", "auto")
    monkeypatch.setattr(catalogue, "has_cuda", lambda _: True)
    best = Choice("large-v3-turbo", "the GPU is large")
    monkeypatch.setattr(calibration, "for_cuda", lambda: best)
    assert choice.served("auto") == ("base", tmp_path / "base")
    assert catalogue.validate_folder(tmp_path / "tiny.en")


def test_a_named_model_is_never_replaced(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is fetched in the background; until it is here there are no captions."""
    shutil.copytree(FIXTURE_MODEL, fresh / "base")
    monkeypatch.setattr(settings, "WHISPER_MODEL", "acme/whisper")
    with pytest.raises(ModelError, match="acme/whisper is not here"):
        server.here().ensure()
    server.here().start()
    assert within(20, lambda: "could not be fetched" in status()["problem"])
    assert (status()["model"], status()["ready"]) == (
        "",
        False,
    )
    assert within(20, lambda: "There are no captions" in banner())
    with FakeHub.of_folder(FIXTURE_MODEL).serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        assert within(20, lambda: serves("acme/whisper"))
    assert banner() == ""


def test_a_call_without_a_model_gets_its_transcript_later(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    monkeypatch.setattr(settings, "WHISPER_MODEL", "base")
    seat = cast.owner.seat
    assert seat is not None
    Track.objects.create(participant=seat, file="a.ogg", duration_ms=1000)
    job = Job.objects.create(meeting=cast.meeting, kind="second_pass")
    heard: list[Job] = []
    monkeypatch.setattr(second_pass, "speech_tracks", lambda _: [])
    monkeypatch.setattr(
        taps.transcript_changed, "publish", lambda *_: heard.append(job)
    )
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
    assert job.error == second_pass.NO_MODEL
    assert not heard
    assert not Utterance.objects.exists()
    shutil.copytree(FIXTURE_MODEL, fresh / "base")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, len(heard)) == (Job.State.DONE, 1)


def test_a_broken_model_leaves_its_place_to_the_next_choice(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = shutil.copytree(FIXTURE_MODEL, tmp_path / "broken")
    (broken / "model.bin").write_bytes(b"cut off")
    whole = shutil.copytree(FIXTURE_MODEL, tmp_path / "whole")
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(broken))
    server.here().start()
    assert within(20, lambda: "cannot be loaded" in status()["problem"])
    assert not status()["ready"]
    assert "the model could not be loaded" in banner()

    row = Configuration.now()
    row.model = str(whole)
    row.save()
    Configuration.publish()
    assert within(20, lambda: serves(str(whole)))
    assert status()["problem"] == ""


BAD = ["demo", "smal", "/nowhere/at/all", "./nowhere", "BROKEN"]


@pytest.fixture(params=BAD)
def bad(
    request: pytest.FixtureRequest,
    fresh: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A WHISPER_MODEL that is none, though another model is here."""
    Language.objects.get_or_create(code="en")
    shutil.copytree(FIXTURE_MODEL, fresh / "base")
    name = str(request.param)
    if name == "BROKEN":
        broken = shutil.copytree(FIXTURE_MODEL, tmp_path / "broken")
        (broken / "model.bin").unlink()
        name = str(broken)
    monkeypatch.setattr(settings, "WHISPER_MODEL", name)
    return name


REFUSED = r"There is no Whisper called|is not a folder|lacks model\.bin"


def test_a_bad_model_is_an_error_everywhere(bad: str) -> None:
    for command in (
        ("transcribe", str(FIXTURE_CALL / "ben.ogg")),
        ("fetch_model",),
        ("fetch_model", bad),
        ("build_bag", "--language=en", "--rounds=0"),
    ):
        with pytest.raises(CommandError, match=REFUSED):
            call_command(*command)
    finding = doctor.CHECKS["model"]()
    assert finding.state == "fail"
    assert "no captions" in str(finding)
    with pytest.raises(ModelError, match=REFUSED):
        server.here().ensure()
    server.here().start()
    assert within(20, lambda: bool(status()["problem"]))
    assert (status()["ready"], status()["model"]) == (
        False,
        "",
    )
    assert "There are no captions" in banner()


def test_a_model_that_comes_late_does_not_replace_a_later_choice(fresh: Path) -> None:
    server.here()._now.wanted = "base"
    server.here().take_over("small", Path("nowhere"))  # ModelError if it were loaded
    assert server.here()._now.model == ""


def test_a_folder_that_is_called_like_a_size_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what lies in it would be replaced by a model that is fetched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    assert choice.folder_for("base") == settings.MODELS_DIR / "base"
    shutil.copytree(FIXTURE_MODEL, tmp_path / "mine")
    assert choice.folder_for("mine") == Path("mine")
    assert choice.folder_for("./base") == Path("base")


def test_a_model_comes_out_of_its_wheel_when_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MODELS_DIR", tmp_path)
        assert catalogue.validate_folder(choice.provided("tiny.en"))
        assert choice.provided("tiny.en") == tmp_path / "tiny.en"
