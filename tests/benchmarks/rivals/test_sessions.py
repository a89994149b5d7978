"""Events in the form in which the peers' own servers send them."""

import json

import numpy as np

from benchmarks.rivals.earshot import screens
from benchmarks.rivals.naive import Naive
from benchmarks.rivals.realtime_stt import RealtimeStt
from benchmarks.rivals.screen import Screen
from benchmarks.rivals.whisper_live import WhisperLive
from benchmarks.rivals.whisper_live_kit import WhisperLiveKit
from transcription.speech.engine.captions import Caption


def test_it_reads_whisper_live() -> None:
    session = WhisperLive("whisper-live", batching=True).session()
    hello = {"start": "1.580", "end": "4.120", "text": " Hello.", "completed": True}
    thanks = {"start": "4.120", "end": "5.8", "text": " Hi Ben,", "completed": False}

    first = session.screen(json.dumps({"uid": "x", "segments": [hello, thanks]}))
    second = session.screen(json.dumps({"uid": "x", "segments": [hello]}))

    assert first == Screen(" Hello.", " Hi Ben,")
    assert second == Screen(" Hello.", "")


def test_it_reads_whisper_live_kit() -> None:
    session = WhisperLiveKit("whisperlivekit").session()
    lines = [{"speaker": 1, "text": "Hello."}, {"speaker": -2, "text": ""}]
    event = {"status": "active", "lines": lines, "buffer_transcription": " Hi"}

    assert session.screen(json.dumps(event)) == Screen("Hello.", " Hi")
    assert session.screen('{"type": "ready_to_stop"}') == Screen("Hello.", " Hi")


def test_it_reads_realtime_stt() -> None:
    session = RealtimeStt().session()

    def event(kind: str, segment: int, text: str) -> Screen:
        line = {"type": kind, "segmentId": segment, "text": text}
        return session.screen(json.dumps(line))

    assert event("realtime", 1, "Hel") == Screen("", "Hel")
    assert event("final", 1, "Hello.") == Screen("Hello.", "")
    assert event("realtime", 1, "Hello") == Screen("Hello.", "")  # too late
    assert event("realtime", 2, "Hi") == Screen("Hello.", "Hi")
    assert session.screen('{"type": "status"}') == Screen("Hello.", "Hi")


def test_it_packs_sound_for_realtime_stt() -> None:
    packet = RealtimeStt().session().packet(np.ones(320, np.int16))

    size = int.from_bytes(packet[:4], "little")

    assert json.loads(packet[4 : 4 + size])["frames"] == 320
    assert len(packet) == 4 + size + 640


def test_it_reads_the_naive_loop() -> None:
    session = Naive().session()

    assert session.screen('{"text": "Hel", "final": false}') == Screen("", "Hel")
    assert session.screen('{"text": "Hello.", "final": true}') == Screen("Hello.", "")
    assert session.screen('{"text": "Hi", "final": false}') == Screen("Hello.", "Hi")


def test_it_reads_captions() -> None:
    def caption(line: str, text: str, final: bool) -> Caption:
        return Caption(line, 1, 0.0, 1.0, text, "", final)

    events = [
        (0.5, caption("a", "Hel", False)),
        (1.0, caption("a", "Hello.", True)),
        (1.5, caption("b", "Hi", False)),
        (2.0, caption("b", "", True)),
    ]

    assert screens(events) == [
        (0.5, Screen("", "Hel")),
        (1.0, Screen("Hello.", "")),
        (1.5, Screen("Hello.", "Hi")),
        (2.0, Screen("Hello. ", "")),
    ]
