"""Live streams through the real engine, fed as fast as it listens."""

import threading
from time import sleep
from typing import Any, Protocol

import numpy as np
import pytest

from benchmarks.words import errors, normalised
from tests.spoken_call import Call, Tracks
from transcription.speech.audio.sound import Samples
from transcription.speech.engine import work
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.streams import Stream

FRAME = 320  # samples: 20 ms


class Listener:
    """What came in from one stream."""

    def __init__(self) -> None:
        self.captions: list[Caption] = []
        self.threads: set[str] = set()

    def __call__(self, caption: Caption) -> None:
        self.captions.append(caption)
        self.threads.add(threading.current_thread().name)

    @property
    def finals(self) -> list[Caption]:
        return [caption for caption in self.captions if caption.final]

    @property
    def text(self) -> list[str]:
        return [caption.text for caption in self.finals]


class Hear(Protocol):
    """Say it all to a stream of its own, and wait for the last caption."""

    def __call__(
        self, samples: Samples, t: float = 0.0, language: str | None = None
    ) -> Listener: ...


def say(stream: Stream, samples: Samples, t: float = 0.0, frame: int = FRAME) -> None:
    for at in range(0, len(samples), frame):
        stream.hear(samples[at : at + frame], t + at / 16_000)


@pytest.fixture
def hear(engine: Engine) -> Hear:
    def run(samples: Samples, t: float = 0.0, language: str | None = None) -> Listener:
        listener = Listener()
        stream = engine.open_stream(listener, language)
        say(stream, samples, t)
        stream.close()
        assert stream.closed.wait(20)
        return listener

    return run


def test_it_captions_what_was_said(hear: Hear, tracks: Tracks) -> None:
    listener = hear(tracks["ben"][: 16_000 * 12])
    assert listener.text == ["Good morning Anna, how are you today?"]


@pytest.mark.parametrize("step", ["last", "partial"])
def test_it_goes_on_after_a_fault_in_choosing_a_call(
    hear: Hear,
    tracks: Tracks,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """No worker dies of it, and nobody's words are lost."""
    faults, sound = [3], getattr(work, step)

    def faulty(*args: Any, **more: Any) -> Any:
        if faults[0]:
            faults[0] -= 1
            raise RuntimeError("a fault in choosing")
        return sound(*args, **more)

    monkeypatch.setattr(work, step, faulty)
    listener = hear(tracks["ben"][: 16_000 * 12])
    assert faults == [0]
    assert listener.text == ["Good morning Anna, how are you today?"]
    assert engine.fallen == []


def test_it_places_captions_on_the_callers_clock(hear: Hear, tracks: Tracks) -> None:
    caption = hear(tracks["ben"][: 16_000 * 12], t=1000.0).finals[0]
    assert caption.start == pytest.approx(1007.867, abs=0.2)
    assert caption.end == pytest.approx(1009.984, abs=0.2)
    assert caption.start <= caption.words[0].start
    assert caption.words[-1].end <= caption.end
    assert caption.text == " ".join(word.text for word in caption.words)


def test_it_numbers_the_events_of_an_utterance(engine: Engine, tracks: Tracks) -> None:
    listener = Listener()
    stream = engine.open_stream(listener, language="en")
    start = 16_000 * 7
    for end in range(16_000 * 7, 16_000 * 11, 4800):  # 300 ms, then wait for it
        stream.hear(tracks["ben"][start:end], start / 16_000)
        start = end
        threading.Event().wait(0.1)
    stream.close()
    assert stream.closed.wait(20)
    assert len(listener.captions) >= 4
    assert len({caption.utterance_id for caption in listener.captions}) == 1
    revs = [caption.rev for caption in listener.captions]
    assert revs == list(range(1, len(revs) + 1))
    assert [caption.final for caption in listener.captions][:-1] == [False] * (
        len(revs) - 1
    )
    stable = [caption.stable for caption in listener.captions[:-1]]
    assert all(b.startswith(a) for a, b in zip(stable, stable[1:], strict=False))


def test_it_is_at_most_six_percent_wrong_for_every_person(
    engine: Engine, tracks: Tracks, call: Call
) -> None:
    listeners = {name: Listener() for name in tracks}
    streams = {
        name: engine.open_stream(listener, label=name)
        for name, listener in listeners.items()
    }
    for name, stream in streams.items():
        say(stream, tracks[name][: 16_000 * 60], frame=3200)
    for name, stream in streams.items():
        stream.close()
        assert stream.closed.wait(30)
        said = [
            word
            for line in call["utterances"]
            if line["speaker"] == name and line["end"] < 60
            for word in normalised(line["text"])
        ]
        heard = [word for text in listeners[name].text for word in normalised(text)]
        assert errors(said, heard) <= 0.06 * len(said), (name, heard)


def test_it_decodes_nothing_where_nobody_speaks(engine: Engine, hear: Hear) -> None:
    before = engine.stats().items
    listener = hear(np.zeros(16_000 * 20, np.int16))
    assert listener.captions == []
    assert engine.stats().items == before


def test_it_ends_an_utterance_at_a_gap(engine: Engine, tracks: Tracks) -> None:
    listener = Listener()
    stream = engine.open_stream(listener)
    say(stream, tracks["ben"][16_000 * 7 : 16_000 * 9], t=7.0)
    say(stream, tracks["carol"][16_000 * 14 : 16_000 * 17], t=40.0)
    stream.close()
    assert stream.closed.wait(20)
    first, second = listener.finals
    assert first.text.startswith("Good morning")
    assert first.end <= 9.0
    assert second.text == "Yes, I can hear you."
    assert second.start == pytest.approx(40.46, abs=0.2)


def test_it_ends_an_utterance_when_no_sound_comes_any_more(
    engine: Engine, tracks: Tracks
) -> None:
    listener = Listener()
    stream = engine.open_stream(listener)
    say(stream, tracks["carol"][16_000 * 14 : int(16_000 * 15.8)], t=14.0)
    assert stream.flush(20)
    assert listener.text == ["Yes, I can hear you."]
    stream.close()


def test_it_says_the_last_words_when_it_is_closed(hear: Hear, tracks: Tracks) -> None:
    assert hear(tracks["ben"][: int(16_000 * 10.0)]).text == [
        "Good morning Anna, how are you today?"
    ]


def test_it_takes_broken_sound_for_silence(hear: Hear, tracks: Tracks) -> None:
    sound = tracks["ben"][: 16_000 * 12].astype(np.float32) / 32768
    sound[: 16_000 * 3] = np.nan
    sound[16_000 * 3 : 16_000 * 4 : 2] = 1e-9
    assert hear(sound).text == ["Good morning Anna, how are you today?"]


def test_it_takes_empty_chunks(engine: Engine) -> None:
    listener = Listener()
    stream = engine.open_stream(listener)
    stream.hear(np.zeros(0, np.int16), 0.0)
    assert stream.flush(5)
    stream.close()
    assert stream.closed.wait(5)
    stream.hear(np.zeros(320, np.int16), 1.0)  # too late, and harmless


def test_it_survives_a_listener_that_fails(
    engine: Engine, tracks: Tracks, hear: Hear
) -> None:
    def fail(caption: Caption) -> None:
        raise RuntimeError("no room for captions")

    stream = engine.open_stream(fail)
    say(stream, tracks["carol"][16_000 * 14 : 16_000 * 17])
    stream.close()
    assert stream.closed.wait(20)
    assert hear(tracks["carol"][: 16_000 * 17]).text == ["Yes, I can hear you."]


def test_it_cuts_a_monologue_between_words(hear: Hear, tracks: Tracks) -> None:
    """Twelve sentences without a pause: no line is long, none overlaps."""
    spoken = np.concatenate(
        [
            tracks["anna"][int(16_000 * start) : int(16_000 * end)]
            for start, end in [(23.75, 25.8), (29.8, 31.6), (39.3, 41.1), (47, 49)] * 3
        ]
    )
    listener = hear(np.concatenate([spoken, np.zeros(16_000, np.int16)]))
    assert len(listener.finals) >= 2
    assert all(caption.end - caption.start <= 15 for caption in listener.finals)
    spans = [(caption.start, caption.end) for caption in listener.finals]
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False)), spans


def test_missing_frames_do_not_shift_the_clock(engine: Engine, tracks: Tracks) -> None:
    """Every fifth frame of the 7 s before the sentence is lost, none of it a gap."""
    listener = Listener()
    stream = engine.open_stream(listener, language="en")
    for at in range(0, 16_000 * 12, FRAME):
        if at > 16_000 * 7 or at // FRAME % 5:
            stream.hear(tracks["ben"][at : at + FRAME], at / 16_000)
            sleep(0.001)  # one by one, as they come in a call
    stream.close()
    assert stream.closed.wait(20)
    (caption,) = listener.finals
    assert caption.start == pytest.approx(7.867, abs=0.2)


def test_it_refuses_a_language_that_whisper_does_not_know(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no language 'klingon'"):
        engine.open_stream(Listener(), language="klingon")


def test_it_keeps_the_language_that_it_was_told(hear: Hear, tracks: Tracks) -> None:
    finals = hear(tracks["carol"][16_000 * 14 : 16_000 * 17], language="fr").finals
    assert [caption.language for caption in finals] == ["fr"]


def test_it_says_the_lines_of_a_person_in_their_order(
    hear: Hear, tracks: Tracks
) -> None:
    finals = hear(tracks["anna"][: 16_000 * 55]).finals
    starts = [caption.start for caption in finals]
    assert len(starts) >= 6
    assert starts == sorted(starts)
