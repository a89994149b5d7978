"""Recordings through the engine."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.call import FIXTURE_CALL, active, read_call
from benchmarks.words import errors, normalised
from tests.spoken_call import Call, Tracks
from transcription.speech.audio.sound import Samples
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.packing import PackedWindow, Slot
from transcription.speech.engine.recorded import Transcription
from transcription.speech.engine.scheduler import Scheduler
from transcription.speech.engine.work import RecordedJob
from transcription.speech.model.windows import Decoded


def test_it_writes_down_a_recording(engine: Engine, tracks: Tracks, call: Call) -> None:
    lines = engine.transcribe(tracks["carol"])
    said = [
        word
        for line in call["utterances"]
        if line["speaker"] == "carol"
        for word in normalised(line["text"])
    ]
    heard = [word for line in lines for word in normalised(line.text)]
    assert errors(said, heard) <= 0.06 * len(said)
    assert [line.start for line in lines] == sorted(line.start for line in lines)
    assert all(line.words and line.language == "en" for line in lines)


def test_it_tells_utterances_and_progress_on_the_way(
    engine: Engine, tracks: Tracks
) -> None:
    told: list[HeardUtterance] = []
    progress: list[float] = []
    lines = engine.transcribe(
        tracks["ben"][: 16_000 * 40],
        on_utterance=told.append,
        on_progress=progress.append,
    )
    assert told == lines != []
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_it_takes_an_iterator_of_any_pieces(engine: Engine, tracks: Tracks) -> None:
    sound = tracks["ben"][: 16_000 * 30]
    pieces = (sound[at : at + 7777] for at in range(0, len(sound), 7777))
    progress: list[float] = []
    lines = engine.transcribe(pieces, on_progress=progress.append, duration=30.0)
    assert [line.text for line in lines] == [
        line.text for line in engine.transcribe(sound)
    ]
    assert progress[-1] == 1.0


def test_it_stops_when_it_is_asked_to(engine: Engine, tracks: Tracks) -> None:
    asked = iter([False] * 12 + [True] * 1000)
    lines = engine.transcribe(tracks["ben"], should_stop=lambda: next(asked))
    assert len(lines) <= 1
    assert engine.stats().recorded_waiting == 0


GREAT = 6.72  # s of a call up to which the first word of a sentence is cut off


@pytest.fixture
def cut_off() -> Samples:
    return active(read_call(FIXTURE_CALL)[0], 60).samples[: int(16_000 * GREAT)]


def test_a_word_that_was_cut_off_keeps_its_line(
    engine: Engine, cut_off: Samples
) -> None:
    """In the alignment it lasts as long as there is sound, or until the next word."""
    *_, before, last = engine.transcribe(cut_off, language="en")
    assert before.text.endswith("joining the call.") and before.end < 6.0
    assert last.text == "Great" and last.start > 6.5


@pytest.mark.parametrize("text", ["", "Great " * 30])
def test_what_comes_to_nothing_beside_others_is_heard_alone(
    engine: Engine, cut_off: Samples, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As models do with words of a sixth of a second; in the window's language."""
    asked: list[str | None] = []
    shared, add = PackedWindow.shared, Scheduler.add

    def spoiled(self: PackedWindow, line: Decoded) -> Iterator[tuple[Slot, Decoded]]:
        *before, (slot, last) = shared(self, line)
        words = tuple(replace(last.words[0], text=word) for word in text.split())
        yield from [*before, (slot, replace(last, text=text, words=words))]

    def note(self: Scheduler, job: RecordedJob) -> None:
        asked.append(job.language)
        add(self, job)

    monkeypatch.setattr(PackedWindow, "shared", spoiled)
    monkeypatch.setattr(Scheduler, "add", note)
    *_, before, last = engine.transcribe(cut_off)
    assert before.text.endswith("joining the call.")
    assert last.text == "Great" and last.start > 6.5
    assert asked == [None, "en"]


@pytest.mark.parametrize(
    "sound",
    [np.zeros(0, np.int16), np.zeros(100, np.int16), np.zeros(16_000 * 9, np.float32)],
)
def test_it_writes_nothing_where_nothing_is_said(
    engine: Engine, sound: Samples
) -> None:
    assert engine.transcribe(sound) == []


def test_it_cuts_what_has_no_pause(engine: Engine, tracks: Tracks) -> None:
    spoken = tracks["anna"][int(16_000 * 23.75) : int(16_000 * 25.8)]
    lines = engine.transcribe(np.tile(spoken, 15))
    assert len(lines) >= 3
    assert all(line.end - line.start <= 10.5 for line in lines)


def test_no_sound_is_in_two_windows(
    engine: Engine, tracks: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows: list[tuple[int, int]] = []
    job = Transcription._job

    def note(self: Transcription, window: PackedWindow) -> RecordedJob:
        windows.append((window.utterances[0].start, window.end))
        return job(self, window)

    monkeypatch.setattr(Transcription, "_job", note)
    sentence = tracks["anna"][int(16_000 * 23.75) : int(16_000 * 25.8)]
    engine.transcribe(np.tile(sentence, 12), language="en")
    assert len(windows) >= 3
    assert all(a[1] <= b[0] for a, b in zip(windows, windows[1:], strict=False))


def test_it_refuses_a_language_that_whisper_does_not_know(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no language 'xx'"):
        engine.transcribe(np.zeros(16_000, np.int16), language="xx")
