"""Transcripts of the programs that people record calls with, and what only looks so."""

import io
import json
import random
import time
import zipfile
from contextlib import suppress
from itertools import product

import pytest

from transcription.speech.speakers.cues import SpokenCue, UnreadableTranscript
from transcription.speech.speakers.docx import DOCUMENT
from transcription.speech.speakers.reading import read

ZOOM = """WEBVTT

1
00:00:03.210 --> 00:00:05.430
Anna Smith: Hello there: friend

2
00:00:06.000 --> 00:00:07.000
Ben O'Neil: Hi
"""


def cues(text: str | bytes) -> list[tuple[int, int, str, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(c.start_ms, c.end_ms, c.name, c.text) for c in read(data).cues]


def names(text: str | bytes) -> list[str]:
    return [name for _, _, name, _ in cues(text)]


def why_not(data: bytes) -> str:
    with pytest.raises(UnreadableTranscript) as refused:
        read(data)
    return str(refused.value)


def document(body: str, head: str = "") -> bytes:
    packed = io.BytesIO()
    xml = f'<?xml version="1.0"?>{head}<w:document xmlns:w="w"><w:body>{body}'
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DOCUMENT, f"{xml}</w:body></w:document>")
    return packed.getvalue()


def paragraph(*lines: str) -> str:
    text = "<w:br/>".join(f"<w:t>{line}</w:t>" for line in lines)
    tabs = '<w:pPr><w:tabs><w:tab w:val="x"/></w:tabs></w:pPr>'
    return f"<w:p>{tabs}<w:r>{text}</w:r></w:p>"


def test_it_reads_the_subtitles_of_zoom() -> None:
    assert cues(ZOOM) == [
        (3210, 5430, "Anna Smith", "Hello there: friend"),
        (6000, 7000, "Ben O'Neil", "Hi"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_it_reads_other_encodings_and_ends_of_lines(encoding: str) -> None:
    assert cues(ZOOM.replace("\n", "\r\n").encode(encoding)) == cues(ZOOM)


def test_it_reads_the_voices_of_teams() -> None:
    said = cues(
        "WEBVTT\n\nabc/1-0\n00:00:03.210 --> 00:00:05.430\n<v Anna Smith>Hello,\n"
        "how are you?</v>\n\n00:00:04.000 --> 00:00:06.000 align:start\n"
        "<v בני>Fine &amp; you</v><v Anna Smith><i>Well</i></v>\n"
    )
    assert [cue[2:] for cue in said] == [
        ("Anna Smith", "Hello, how are you?"),
        ("בני", "Fine & you"),
        ("Anna Smith", "Well"),
    ]
    assert said[1][0] == 4000 and said[2][1] == 6000


def test_a_name_in_subtitles_goes_on_until_the_next_one() -> None:
    said = "1\n00:00:01,000 --> 00:00:02,000\nANNA: Hi.\n"
    more = "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\nthe question is: why\n"
        for n in range(2, 6)
    )
    last = "6\n00:00:06,000 --> 00:00:07,000\n- Ben: Good.\n- ANNA: Fine.\n"
    assert names(said + more + last) == ["ANNA"] * 5 + ["Ben", "ANNA"]


def test_who_is_not_named_among_names_stays_nobody() -> None:
    unnamed = "3\n00:00:08.000 --> 00:00:09.000\nwho is that\n"
    assert names(f"{ZOOM}\n{unnamed}") == ["Anna Smith", "Ben O'Neil", ""]


def test_it_reads_sbv() -> None:
    text = "0:00:01.000,0:00:03.000\nAnna: Hello\n\n0:00:04.000,0:00:05.000\nBen: Hi"
    assert cues(text) == [(1000, 3000, "Anna", "Hello"), (4000, 5000, "Ben", "Hi")]


def test_it_reads_a_document_of_teams() -> None:
    said = paragraph("Anna Smith   0:03", "Hello there") + paragraph("more")
    body = paragraph("Anna Smith started transcription") + said
    body += paragraph("Ben Jones (Guest)\u00a0\u00a0 1:09", "Hi")
    assert cues(document(body)) == [
        (3000, 4200, "Anna Smith", "Hello there more"),
        (69_000, 69_400, "Ben Jones (Guest)", "Hi"),
    ]


def test_it_reads_an_older_document_of_teams() -> None:
    body = paragraph("0:0:3.210 --&gt; 0:0:5.430", "Anna Smith", "Hello")
    body += paragraph("0:0:6.0 --&gt; 0:0:7.0", "Ben", "Hi")
    assert cues(document(body)) == [
        (3210, 5430, "Anna Smith", "Hello"),
        (6000, 7000, "Ben", "Hi"),
    ]


def test_it_reads_google_meet_which_gives_a_time_every_five_minutes() -> None:
    text = (
        "Weekly: notes\nAttendees\nAnna, Ben\n00:00:00\n\nAnna: Welcome to the call\n"
        "Ben: Hi\n00:05:00\nBen: So about the price\nAnna: All right\n"
    )
    said = cues(text)
    assert [name for _, _, name, _ in said] == ["Anna", "Ben", "Ben", "Anna"]
    assert [start for start, *_ in said] == [0, 240_000, 300_000, 301_600]


@pytest.mark.parametrize(
    "text",
    [
        "[Anna] 0:00:03\nHello\n[Ben] 0:00:09\nHi",
        "0:03 Anna: Hello\n0:09 Ben: Hi",
        "Anna (0:03):\nHello\nBen (0:09):\nHi",
        "Anna\t0:03 Hello\nBen\t0:09 Hi",
    ],
)
def test_it_reads_texts_as_people_save_them(text: str) -> None:
    assert [(start, *rest) for start, _, *rest in cues(text)] == [
        (3000, "Anna", "Hello"),
        (9000, "Ben", "Hi"),
    ]


def test_it_reads_gong_with_the_sides_of_people() -> None:
    told = read(
        json.dumps(
            {
                "callTranscripts": [
                    {
                        "callId": "1",
                        "transcript": [
                            {
                                "speakerId": "77",
                                "sentences": [
                                    {"start": 1000, "end": 2000, "text": "Hello"},
                                    {"start": 2000, "end": 2500, "text": "You"},
                                ],
                            },
                            {
                                "speakerId": "78",
                                "sentences": [
                                    {"start": 3000, "end": 3500, "text": "Hi"}
                                ],
                            },
                        ],
                    }
                ],
                "parties": [
                    {"speakerId": "77", "name": "Anna", "affiliation": "Internal"},
                    {"speakerId": "78", "name": "Ben", "affiliation": "External"},
                ],
            }
        ).encode()
    )
    assert [(c.start_ms, c.name) for c in told.cues] == [
        (1000, "Anna"),
        (2000, "Anna"),
        (3000, "Ben"),
    ]
    assert told.sides == {"Anna": "us", "Ben": "them"}


def test_it_reads_the_timeline_of_zoom_which_has_no_words() -> None:
    rows = [
        {"ts": "00:00:01.100", "users": [{"username": "Anna"}]},
        {"ts": "00:00:09.100", "users": [{"username": "Ben"}]},
    ]
    said = cues(json.dumps({"timeline": rows}))
    assert said == [(1100, 9100, "Anna", ""), (9100, 39_100, "Ben", "")]


def test_it_reads_segments_in_seconds() -> None:
    rows = [
        {"speaker": {"name": "Anna"}, "start": 1.5, "end": 2.5, "text": "x"},
        {"speaker": "Ben", "start": 3, "end": 4, "text": "y"},
    ]
    assert cues(json.dumps(rows)) == [
        (1500, 2500, "Anna", "x"),
        (3000, 4000, "Ben", "y"),
    ]


def test_names_cannot_turn_the_page_around() -> None:
    mark = "\u202e"
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n<v {mark}Eve{mark}>hello\n"
    assert names(text) == ["Eve"]
    long = "Anna " * 30
    assert len(names(text.replace("Eve", long))[0]) <= 70


def test_times_that_lie_are_bounded() -> None:
    text = "WEBVTT\n\n999:99:99.000 --> 00:02.000\nAnna: hello\n"
    (cue,) = read(text.encode()).cues
    assert cue == SpokenCue(48 * 3_600_000, 48 * 3_600_000, "Anna", "hello")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02\x03",
        b"PK\x03\x04 and nothing",
        b"[" * 100_000,
        b'{"start": ' + b"9" * 5000 + b"}",
        b'{"speakers": "Anna"}',
        b"WEBVTT\n\nnothing follows",
        b"WEBVTT\n\nsoon --> later\nhello",
        b"What I did in my holidays.",
        random.Random(1).randbytes(10_000),
    ],
)
def test_what_is_no_transcript_is_refused(data: bytes) -> None:
    assert (
        why_not(data) == "is no transcript that can be read."
        or why_not(data) == "is no document that can be read."
    )


def test_a_transcript_without_names_is_refused() -> None:
    said = b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"
    assert why_not(said) == "does not say who speaks."


def test_a_document_that_declares_entities_is_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>'
    body = paragraph("Anna   0:03", "&l9;")
    assert why_not(document(body, bomb)) == "is no document that can be read."


def test_a_document_that_grows_without_end_is_refused() -> None:
    for packed in (document("<w:p/>" * 700_000), document(" " * 40_000_000)):
        assert len(packed) < 2**17
        assert why_not(packed) == "is longer than any call."


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    assert why_not(b"Anna: hello\n" * 1_000_000) == "is larger than 10 MB."


@pytest.mark.parametrize(
    ("piece", "tail"),
    list(
        product(
            [
                "<v ",
                "<" * 30,
                "[a ",
                "Anna: ",
                "0:0:0:",
                "0:01 --> ",
                "Anna   ",
                ": : : ",
                "&amp",
                "\t 0:01 ",
            ],
            ["", "\n"],
        )
    ),
)
def test_no_text_takes_long(piece: str, tail: str) -> None:
    """Patterns that go back and forth over a line of 100 kB would take hours."""
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + (piece + tail) * 20_000
    began = time.perf_counter()
    for said in (text, text[7:], "Anna  0:01 " + text):
        with suppress(UnreadableTranscript):
            read(said.encode())
    assert time.perf_counter() - began < 5
