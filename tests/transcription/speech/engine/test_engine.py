"""The life of an engine: start, change of model, trouble, stop."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import sleep
from typing import NoReturn

import numpy as np
import pytest

from tests.spoken_call import Tracks
from transcription.speech.audio.sound import Samples
from transcription.speech.engine.batching import PERIODS
from transcription.speech.engine.captions import Caption, HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.scheduler import STARVED
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Decoded, Window


@pytest.fixture
def own(model_folder: Path) -> Iterator[Engine]:
    """An engine that a test may break."""
    engine = Engine(model_folder, device="cpu", cpu_threads=1)
    engine.start()
    assert engine.ready.wait(30)
    yield engine
    engine.stop()


def talk(engine: Engine, samples: Samples) -> list[Caption]:
    heard: list[Caption] = []
    stream = engine.open_stream(heard.append, language="en")
    stream.hear(samples, 0.0)
    stream.close()
    assert stream.closed.wait(20)
    return [caption for caption in heard if caption.final]


def test_it_refuses_an_unfit_folder_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="lacks"):
        Engine(tmp_path).start()


def test_nobody_waits_for_a_stream_of_a_stopped_engine(model_folder: Path) -> None:
    engine = Engine(model_folder)  # its model never comes
    stream = engine.open_stream(lambda caption: None)
    stream.hear(np.zeros(16_000, np.int16), 0.0)
    engine.stop()
    assert stream.closed.is_set()


def test_it_says_why_a_model_does_not_load(model_folder: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(model_folder, tmp_path / "broken")
    (broken / "model.bin").write_bytes(b"no model at all")
    engine = Engine(broken, device="cpu")
    engine.start()
    loader = next(t for t in engine._threads if t.name == "whisper-load")
    loader.join(20)
    assert not engine.ready.is_set()
    assert "cannot be loaded" in engine.problem
    engine.stop()


def test_it_says_that_a_tokenizer_is_broken(
    own: Engine, model_folder: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(model_folder, tmp_path / "broken")
    (broken / "tokenizer.json").write_text('{"model": null}')
    with pytest.raises(ModelError, match="cannot be loaded"):
        own.swap_model(broken)
    assert own.ready.is_set()


def test_it_changes_the_model_while_people_talk(
    own: Engine, model_folder: Path, tmp_path: Path, tracks: Tracks
) -> None:
    other = shutil.copytree(model_folder, tmp_path / "other")
    heard: list[Caption] = []
    stream = own.open_stream(heard.append, language="en")
    swap = Thread(target=own.swap_model, args=(other,))
    stream.hear(tracks["ben"][: 16_000 * 9], 0.0)
    swap.start()
    for at in range(16_000 * 9, 16_000 * 12, 1600):  # 100 ms, at real-time pace
        sleep(0.1)
        stream.hear(tracks["ben"][at : at + 1600], at / 16_000)
    swap.join(20)
    stream.close()
    assert stream.closed.wait(20)
    finals = [caption.text for caption in heard if caption.final]
    assert finals == ["Good morning Anna, how are you today?"]
    assert own.stats().model == "other"


def test_it_keeps_the_old_model_when_the_new_one_is_unfit(
    own: Engine, tmp_path: Path, tracks: Tracks
) -> None:
    with pytest.raises(ModelError):
        own.swap_model(tmp_path)
    assert talk(own, tracks["carol"][16_000 * 14 : 16_000 * 17])


def test_it_tries_the_items_of_a_failed_batch_one_by_one(
    model_folder: Path, tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Whisper.decode
    sizes: list[int] = []

    def fail_once(
        self: Whisper, windows: Sequence[Window], beam: int = 1
    ) -> list[Decoded]:
        if beam > 1:  # a recorded call, not the warm-up
            sizes.append(len(windows))
        if len(sizes) == 1:
            raise RuntimeError("out of luck")
        return decode(self, windows, beam)

    monkeypatch.setattr(Whisper, "decode", fail_once)
    engine = Engine(model_folder, device="cpu", cpu_threads=1)
    lines: list[HeardUtterance] = []
    # far enough apart that no two share a window
    sound = np.tile(np.pad(tracks["carol"][16_000 * 14 : 16_000 * 17], (0, 48_000)), 3)
    reader = Thread(target=engine.transcribe, args=(sound, "en", lines.append))
    reader.start()
    while engine.stats().recorded_waiting < 3:
        sleep(0.01)
    engine.start()
    reader.join(20)
    engine.stop()
    assert [line.text for line in lines] == ["Yes, I can hear you."] * 3
    assert sizes == [3, 1, 1, 1]


def test_a_recording_does_not_slow_the_pace_of_captions(
    own: Engine, tracks: Tracks
) -> None:
    own.transcribe(tracks["anna"][: 16_000 * 60], language="en")
    stats = own.stats()
    assert stats.busy > 0
    assert (stats.load, stats.period) == (0.0, PERIODS[0])


def test_people_who_speak_do_not_wait_for_slow_recordings(
    own: Engine, tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each recorded call takes longer than the time after which one has its turn."""
    decode = Whisper.decode

    def slow(self: Whisper, windows: Sequence[Window], beam: int = 1) -> list[Decoded]:
        if beam > 1:
            sleep(STARVED + 0.1)
        return decode(self, windows, beam)

    monkeypatch.setattr(Whisper, "decode", slow)
    sentence = tracks["carol"][16_000 * 14 : 16_000 * 17]

    def read() -> None:
        with suppress(RuntimeError):  # the engine is stopped meanwhile
            own.transcribe(np.tile(np.pad(sentence, (0, 48_000)), 12), "en")

    reader = Thread(target=read)
    stream = own.open_stream(lambda caption: None, language="en")
    reader.start()
    while own.stats().recorded_waiting < 8:
        sleep(0.01)
    assert [line.text for line in talk(own, sentence)] == ["Yes, I can hear you."]
    assert own.stats().recorded_waiting >= 5
    stream.close()
    own.stop()
    reader.join(20)


def test_the_model_that_is_chosen_last_serves(own: Engine, model_folder: Path) -> None:
    """Two at once, while a call runs: nobody waits for ever."""
    threads = [Thread(target=own.swap_model, args=(model_folder,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_it_goes_on_after_a_call_that_always_fails(
    own: Engine, tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Whisper, windows: Sequence[Window], beam: int = 1) -> NoReturn:
        raise RuntimeError("the device is gone")

    sound = tracks["carol"][16_000 * 14 : 16_000 * 17]
    with monkeypatch.context() as patch:
        patch.setattr(Whisper, "decode", fail)
        assert talk(own, sound) == []
        with pytest.raises(RuntimeError, match="the device is gone"):
            own.transcribe(sound)
    assert own.stats().failures > 0
    assert [caption.text for caption in talk(own, sound)] == ["Yes, I can hear you."]


def test_it_gives_out_the_last_words_when_it_is_stopped(
    model_folder: Path, tracks: Tracks
) -> None:
    engine = Engine(model_folder, device="cpu", cpu_threads=1)
    engine.start()
    assert engine.ready.wait(30)
    heard: list[Caption] = []
    stream = engine.open_stream(heard.append)
    stream.hear(tracks["carol"][16_000 * 14 : int(16_000 * 15.8)], 14.0)
    engine.stop()
    assert [caption.text for caption in heard if caption.final] == [
        "Yes, I can hear you."
    ]
    with pytest.raises(RuntimeError, match="was stopped"):
        engine.transcribe(tracks["carol"][16_000 * 14 : 16_000 * 17])


def test_it_keeps_what_was_said_before_the_model_was_there(
    model_folder: Path, tracks: Tracks
) -> None:
    engine = Engine(model_folder, device="cpu", cpu_threads=1)
    heard: list[Caption] = []
    stream = engine.open_stream(heard.append)
    stream.hear(tracks["carol"][16_000 * 14 : 16_000 * 17], 14.0)
    engine.start()
    stream.close()
    assert stream.closed.wait(30)
    assert [caption.text for caption in heard if caption.final] == [
        "Yes, I can hear you."
    ]
    engine.stop()
