"""What tables and JSON files beside recordings say of them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.imports.about import Ground, NoDescription, key_of, read

GROUND = Ground(UTC, datetime(2026, 11, 27, tzinfo=UTC), frozenset({"en", "fr"}))


def said(text: str, name: str = "calls.csv") -> Any:
    return read(text.encode(), name, GROUND).as_json()


def test_a_table_describes_each_recording_by_its_name() -> None:
    found = said(
        "File,Title,Date,Customer,Language,People,Notes\n"
        'Calls/ONE.mp3,Kick-off,2026-10-05 14:30,Acme,en-US,"Ann Lee <ann@acme.com>; '
        'Olga (us); bob@acme.com",x\n'
        "two,,,,,,\n"
    )
    assert found["errors"] == [] and list(found["calls"]) == ["one", "two"]
    assert found["calls"]["one"] == {
        "title": "Kick-off",
        "held_at": "2026-10-05T14:30:00+00:00",
        "account": "Acme",
        "language": "en",
        "people": (
            {"name": "Ann Lee", "email": "ann@acme.com", "side": ""},
            {"name": "Olga", "email": "", "side": "us"},
            {"name": "bob", "email": "bob@acme.com", "side": ""},
        ),
    }


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_says_the_same(wrapped: bool) -> None:
    party = {"name": "Ann", "emailAddress": "a@b.com", "affiliation": "External"}
    calls = [
        {"file": "one.mp3", "title": "T", "started": "2026-10-05T14:30:00Z"},
        {"filename": "two.mp3", "parties": [party, "Ben", {"email": "c@d.com"}]},
        "nonsense",
    ]
    found = said(json.dumps({"calls": calls} if wrapped else calls), "calls.json")
    assert found["calls"]["one"]["held_at"] == "2026-10-05T14:30:00+00:00"
    assert [p["name"] for p in found["calls"]["two"]["people"]] == ["Ann", "Ben", "c"]
    assert found["calls"]["two"]["people"][0]["side"] == "them"


def test_it_says_which_line_is_wrong_and_takes_the_others() -> None:
    found = said(
        "file;title;date;language\n"
        "one;=HYPERLINK(1);2026-10-05;fr\n"
        ";No file;;\n"
        "ONE.wav;Twice;;\n"
        "two;;31.31.2026;\n"
        "three;;2031-01-01 10:00;\n"
        "four;;;klingon\n"
        f"five;{'x' * 201};;\n"
        "six;'=1+1;;\n"
    )
    assert [line for line, _ in found["errors"]] == [3, 4, 5, 6, 7, 8]
    assert list(found["calls"]) == ["one", "six"]
    assert found["calls"]["one"]["title"] == "=HYPERLINK(1)"
    assert found["calls"]["six"]["title"] == "=1+1"
    assert found["calls"]["one"]["held_at"] == "2026-10-05T12:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        *("", "title,date\nx,y", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi", "{", "[]"),
        *('{"transcript": [{"text": "hi"}]}', "[" * 100_000, "[1]", "\x00\x01"),
        "file\n" + "x" * 200_000,
    ],
)
def test_what_describes_nothing_is_told(text: str) -> None:
    with pytest.raises(NoDescription):
        said(text)


def test_a_name_that_breaks_out_stays_a_name() -> None:
    assert key_of("../../etc/Pass.WD") == "pass"
    assert key_of("C:\\calls\\Ann.wav") == "ann"
    assert key_of(".wav") == ".wav"
    found = said('file,people\n"../a\u202e.wav","<>; ;x (us)"\n')
    assert found["calls"]["a"]["people"] == ({"name": "x", "email": "", "side": "us"},)


words = st.sampled_from(["file", "title", "date", "people", "name", "email", "x", ""])
plain = words | st.none() | st.booleans() | st.floats() | st.integers()
entries = st.dictionaries(words, plain | st.lists(plain, max_size=3), max_size=4)


@given(st.text(max_size=60) | st.lists(entries | plain, max_size=3).map(json.dumps))
def test_no_file_breaks_it(text: str) -> None:
    try:
        said(text)
    except NoDescription as reason:
        assert str(reason)
