"""The files that a transcript is taken out as."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from dashboard.exports.figures import as_csv
from meetings.models import Meeting
from transcription.egress import subtitles, written
from transcription.models import Utterance


class Format(NamedTuple):
    label: str
    content_type: str
    write: Callable[[Meeting, list[Utterance]], str | bytes]

    def content(self, meeting: Meeting) -> bytes:
        """The file. A few seconds for a PDF of some hours."""
        lines = Utterance.objects.filter(meeting=meeting).select_related("participant")
        body = self.write(meeting, list(lines))
        return body if isinstance(body, bytes) else body.encode(errors="replace")


def _docx(meeting: Meeting, lines: list[Utterance]) -> bytes:
    from transcription.egress.document import docx  # much to import, for few

    return docx(meeting, lines)


def _pdf(meeting: Meeting, lines: list[Utterance]) -> bytes:
    from transcription.egress.pdf import pdf  # likewise

    return pdf(meeting, lines)


def _json(meeting: Meeting, lines: list[Utterance]) -> str:
    told = {
        "title": meeting.name,
        "date": meeting.date.isoformat(),
        "duration": meeting.duration_ms / 1000,
        "customer": str(meeting.account or ""),
        "people": [
            {"name": person.name, "side": person.side} for person in meeting.people
        ],
        "lines": [written.as_json(line) for line in lines],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


TEXT = "; charset=utf-8"
FORMATS: Mapping[str, Format] = {
    "txt": Format("Transcript, text", f"text/plain{TEXT}", written.text),
    "docx": Format(
        "Transcript, Word",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _docx,
    ),
    "pdf": Format("Transcript, PDF", "application/pdf", _pdf),
    "srt": Format(
        "Subtitles, SRT",
        f"application/x-subrip{TEXT}",
        lambda _, lines: subtitles.subrip(lines),
    ),
    "vtt": Format(
        "Subtitles, WebVTT",
        f"text/vtt{TEXT}",
        lambda _, lines: subtitles.webvtt(lines),
    ),
    "json": Format("Words with times, JSON", f"application/json{TEXT}", _json),
    "csv": Format(
        "Statistics, CSV", f"text/csv{TEXT}", lambda meeting, _: as_csv(meeting)
    ),
}
