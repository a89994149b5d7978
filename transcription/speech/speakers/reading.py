"""A transcript of any kind that people have, by what is in it and not by its name."""

import codecs

from transcription.speech.speakers import docx, from_json, subtitles, written
from transcription.speech.speakers.cues import (
    MOST_BYTES,
    NamedTranscript,
    UnreadableTranscript,
    transcript,
)

ENDINGS = (".vtt", ".srt", ".sbv", ".docx", ".txt", ".json")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNREADABLE = "is no transcript that can be read."


def read(data: bytes) -> NamedTranscript:
    """Who says what, and when. Raises UnreadableTranscript: the rest of a sentence that
    begins with the name of the file."""
    if len(data) > MOST_BYTES:
        raise UnreadableTranscript(f"is larger than {MOST_BYTES // 2**20} MB.")
    if data.startswith(b"PK\x03\x04"):
        return transcript(written.read(docx.lines(data)))
    text = _text(data)
    if text.lstrip()[:1] in ("{", "["):
        try:
            return from_json.read(text)
        except UnreadableTranscript:
            if text.lstrip().startswith("{"):
                raise
    lines = text.splitlines()
    if subtitles.has_times(lines) and not _is_old_teams(lines):
        return transcript(subtitles.read(lines))
    return transcript(written.read(lines))


def _text(data: bytes) -> str:
    """Raises UnreadableTranscript for what is no text."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text or not text.strip():
        raise UnreadableTranscript(UNREADABLE)
    return text


def _is_old_teams(lines: list[str]) -> bool:
    """A document that was saved as text: name and words below a line of times."""
    return any(line.startswith("0:0:") for line in lines[:50] if "-->" in line)
