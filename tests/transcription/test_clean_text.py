"""``manage.py clean_text``: JSON lines in, what captions would keep out."""

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from transcription.models import Configuration, Language, Phrase
from transcription.tuning import snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """English with a bag of two phrases, read anew by each test."""
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    language = Language.objects.get(code="en")
    language.phrases.all().delete()
    for tier, phrase in (
        ("certain", "subtitles by nobody"),
        ("ambiguous", "thank you"),
    ):
        row = Phrase(language=language, tier=tier, phrase=phrase)
        row.full_clean()
        row.save()
    Configuration.publish()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give lines to the command; gives what it printed, its complaints and exit."""

    def clean_text(*lines: Any, language: str = "en") -> tuple[list[Any], str, int]:
        raw = [
            line if isinstance(line, bytes) else json.dumps(line).encode()
            for line in lines
        ]
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"\n".join(raw))))
        out, err, code = StringIO(), StringIO(), 0
        try:
            call_command("clean_text", language=language, stdout=out, stderr=err)
        except SystemExit as end:
            code = int(str(end.code))
        return (
            [json.loads(x) for x in out.getvalue().splitlines()],
            err.getvalue(),
            code,
        )

    return clean_text


def test_it_prints_each_line_with_what_is_left(run: Any) -> None:
    told, complaints, code = run(
        {"text": "See you. Subtitles by nobody.", "id": 7}, {"text": "Good morning."}
    )
    assert told == [
        {
            "text": "See you. Subtitles by nobody.",
            "id": 7,
            "clean": "See you.",
            "removed": [{"raw": "Subtitles by nobody.", "reason": "known phrase"}],
        },
        {"text": "Good morning.", "clean": "Good morning.", "removed": []},
    ]
    assert (complaints, code) == ("", 0)


def test_it_takes_silence_about_the_sound_for_the_text(run: Any) -> None:
    (told,), _, _ = run({"text": "Thank you."})
    assert told["clean"] == "Thank you."


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ({"speech_seconds": 0.2}, "ambiguous phrase"),
        ({"word_probability": 0.4}, "ambiguous phrase"),
        ({"no_speech": 0.4}, "ambiguous phrase"),
        ({"speech_seconds": 0}, "no speech"),
    ],
)
def test_it_heeds_the_sound(run: Any, evidence: dict[str, float], reason: str) -> None:
    (told,), _, _ = run({"text": "Thank you.", **evidence})
    assert told["clean"] == ""
    assert told["removed"] == [{"raw": "Thank you.", "reason": reason}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"no json", "line 2: Expecting value"),
        (b'{"text": "\xff"}', "line 2: 'utf-8' codec"),
        (rb'{"text": "\ud800"}', "line 2: 'utf-8' codec"),
        (["a"], "line 2: expected an object"),
        ({"words": 1}, 'line 2: "text" must be a string'),
        (b'{"text": "x", "no_speech": NaN}', 'line 2: "no_speech" must be a number'),
        ({"text": "x", "no_speech": 2}, 'line 2: "no_speech" must be at most 1'),
        ({"text": "x", "speech_seconds": True}, 'line 2: "speech_seconds" must be'),
        ({"text": "x", "speech_seconds": -1}, 'line 2: "speech_seconds" must be'),
        (
            b'{"text": "x", "speech_seconds": 1%s}' % (b"0" * 400),
            'line 2: "speech_seconds" must be',
        ),
    ],
)
def test_it_names_a_bad_line_and_goes_on(run: Any, line: Any, reason: str) -> None:
    told, complaints, code = run({"text": "One."}, line, b"", {"text": "Two."})
    assert [one["clean"] for one in told] == ["One.", "Two."]
    assert complaints.startswith(reason)
    assert complaints.count("\n") == 1
    assert code == 1


def test_it_says_what_is_wrong_with_a_language(run: Any) -> None:
    with pytest.raises(CommandError, match="no language 'xx'"):
        run({"text": "x"}, language="xx")
    with pytest.raises(CommandError, match="no language 'cy' in the admin; there: de"):
        run({"text": "x"}, language="cy")
