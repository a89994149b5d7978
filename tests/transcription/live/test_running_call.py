"""A running call is tuned from the admin pages, in the middle of sentences."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from tokenizers.pre_tokenizers import ByteLevel

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.pcm import PCMChunk, read_pcm16k
from meetings.models import Participant
from tests.cast import Cast
from transcription.live import live_captions
from transcription.models import Configuration, Language, Removal, Utterance
from transcription.serving import server
from transcription.speech.engine.captions import Caption
from transcription.tuning import snapshot

pytestmark = pytest.mark.django_db(transaction=True)

CALL = settings.BASE_DIR / "tests" / "espeak_call"
CHUNK = 320  # samples, 20 ms
SPEED = 2.0  # times real time
SAID = [
    "Good morning Anna, how are you today?",
    "I am the director of the sales team at Contoso.",
]
Doing = dict[float, Callable[[], object]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "WHISPER_MODEL", str(FIXTURE_MODEL))
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    monkeypatch.setattr(server.here(), "_now", server.Serving())
    Configuration.now()
    Language.objects.get_or_create(code="en", defaults={"scripts": ["Latin"]})
    server.here().start()
    server.here().ensure()
    yield
    server.here().stop()


@pytest.fixture
def admin(cast: Cast) -> Client:
    user = cast.owner.user
    assert user is not None
    user.is_staff = user.is_superuser = True
    user.save()
    return cast.owner.client


def chunks() -> Iterator[PCMChunk]:
    for t, samples in read_pcm16k(CALL / "ben.ogg"):
        for at in range(0, len(samples), CHUNK):
            yield PCMChunk(t + at // 16, samples[at : at + CHUNK])


def speak(speaker: Participant, until: float, doing: Doing) -> None:
    """Ben speaks as ``speaker``; what ``doing`` holds happens at its seconds."""
    live_captions.current().begin(speaker.meeting_id, speaker.pk)
    begun, due = time.monotonic(), sorted(doing)
    for chunk in chunks():
        if chunk.t > until * 1000:
            break
        time.sleep(max(0.0, begun + chunk.t / 1000 / SPEED - time.monotonic()))
        live_captions.current().hear(speaker.pk, chunk)
        if due and chunk.t >= due[0] * 1000:
            # As in the web process: another thread than the one that hears.
            threading.Thread(target=_do, args=(doing[due.pop(0)],)).start()
    live_captions.current().finish(speaker.meeting_id)


def _do(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


def save(admin: Client, path: str, form: dict[str, Any]) -> None:
    answer = admin.post(f"/admin/{path}", form)
    assert answer.status_code == 302, answer.content


def undisturbed(until: float) -> list[str]:
    """Ben's lines when nobody touches anything: every word of them is expected."""
    lines: list[str] = []

    def note(caption: Caption) -> None:
        if caption.final:
            lines.append(caption.text)

    allowed = snapshot.current().allowed
    stream = server.here().ensure().open_stream(note, allowed=allowed)
    for chunk in chunks():
        if chunk.t <= until * 1000:
            stream.hear(chunk.samples, chunk.t / 1000)
    stream.close()
    assert stream.closed.wait(20)
    assert lines[:2] == SAID
    assert lines[2].endswith("people in the sales team.")
    return lines


def choose(admin: Client, folder: Path) -> int:
    row = Configuration.now()
    path = f"/admin/transcription/configuration/{row.pk}/change/"
    return admin.post(path, {"model": str(folder)}).status_code


def test_no_word_is_lost_while_the_model_changes(
    cast: Cast, admin: Client, serve: None, tmp_path: Path
) -> None:
    assert cast.owner.seat is not None
    broken, other = tmp_path / "broken", tmp_path / "other"
    broken.mkdir()
    shutil.copytree(FIXTURE_MODEL, other)
    assert choose(admin, broken) == 200  # the form again, with the reason
    assert server.here().status()["model"] == str(FIXTURE_MODEL)

    expected = undisturbed(30.0)
    in_a_sentence = 17.5
    speak(cast.owner.seat, 30.0, {in_a_sentence: lambda: choose(admin, other)})
    assert server.here().status()["model"] == str(other)
    assert [line.text for line in Utterance.objects.all()] == expected


def test_the_next_line_obeys(cast: Cast, admin: Client, serve: None) -> None:
    seat = cast.owner.seat
    assert seat is not None
    english = Language.objects.get(code="en")
    phrase = {"language": english.pk, "phrase": "in the sales team", "tier": "certain"}
    person = {
        "meeting": seat.meeting_id,
        "user": seat.user_id,
        "name": seat.name,
        "side": seat.side,
        "colour": seat.colour,
        "language": "fr",
    }

    def add_phrase() -> None:
        save(admin, "transcription/phrase/add/", phrase)

    def speak_french() -> None:
        save(admin, f"meetings/participant/{seat.pk}/change/", person)

    expected = undisturbed(40.0)
    speak(seat, 40.0, {17.5: add_phrase, 28.5: speak_french})
    lines = list(Utterance.objects.all())
    assert [line.text for line in lines][:2] == SAID
    assert lines[2].text == expected[2].removesuffix(" in the sales team.")
    assert [line.language for line in lines[:3]] == ["en", "en", "en"]
    assert lines[3].language == "fr"
    assert Removal.objects.get(reason="known phrase").raw == "in the sales team."


def spelled(word: str, other: str, folder: Path) -> Path:
    """The fixture model with another spelling of a word, in whatever letters."""
    shutil.copytree(FIXTURE_MODEL, folder)
    old, new = (_token(" " + text) for text in (word, other))
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    model = tokenizer["model"]
    model["vocab"][new] = model["vocab"].pop(old)
    model["merges"] = [
        pair for pair in model["merges"] if old not in (*pair, "".join(pair))
    ]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    words = json.loads((folder / "vocabulary.json").read_text())
    words[words.index(old)] = new
    (folder / "vocabulary.json").write_text(json.dumps(words))
    return folder


def _token(text: str) -> str:
    return ByteLevel(add_prefix_space=False).pre_tokenize_str(text)[0][0]


def test_a_script_taken_off_the_list_goes_from_the_next_line_on(
    cast: Cast, admin: Client, serve: None, tmp_path: Path
) -> None:
    """The model writes "sales" in Cyrillic letters, which English may use at first."""
    assert cast.owner.seat is not None
    expected = undisturbed(30.0)  # by the model as it comes
    english = Language.objects.get(code="en")
    english.scripts = ["Latin", "Cyrillic"]
    english.save()
    Configuration.publish()
    assert choose(admin, spelled("sales", "продаж", tmp_path / "spelled")) == 302
    form: dict[str, Any] = {"code": "en", "enabled": "on", "scripts": ["Latin"]}
    form |= {"weak_speech": "0.3", "weak_probability": "0.5", "weak_no_speech": "0.3"}
    path = f"transcription/language/{english.pk}/change/"

    speak(cast.owner.seat, 30.0, {17.5: lambda: save(admin, path, form)})
    lines = [line.text for line in Utterance.objects.all()]
    assert lines[1] == "I am the director of the продаж team at Contoso."
    assert lines[2] == expected[2].replace("sales ", "")
    removal = Removal.objects.get(reason="script")
    assert removal.raw.strip() == "продаж"
