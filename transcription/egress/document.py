"""A transcript as a Word document (Office Open XML, ISO/IEC 29500)."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from meetings.models import Meeting
from meetings.times import clock
from transcription.egress.letters import is_right_to_left, plain
from transcription.models import Utterance

GREY = RGBColor(0x60, 0x60, 0x60)


def docx(meeting: Meeting, lines: Iterable[Utterance]) -> bytes:
    """Title, day and people, then a paragraph a line, the time before it. A name stands
    where another one speaks; who writes from the right gets paragraphs that do."""
    document = Document()
    document.core_properties.title = plain(meeting.name)[:255]  # the format's limit
    document.core_properties.author = "Earshot"
    _paragraph(document, plain(meeting.name), style="Title")
    _paragraph(document, f"{meeting.date:%d %B %Y, %H:%M}")
    _paragraph(document, plain(", ".join(person.name for person in meeting.people)))
    before = None
    for line in lines:
        if line.participant_id != before:
            _paragraph(document, plain(line.participant.name), bold=True)
        before = line.participant_id
        _line(document, line)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _paragraph(document: Any, text: str, bold: bool = False, style: str = "") -> Any:
    paragraph = document.add_paragraph(style=style or None)
    run = paragraph.add_run(text)
    run.bold = bold or None
    if bold:
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(10)
        paragraph.paragraph_format.space_after = Pt(0)
    _turn(paragraph, [run], text)
    return paragraph


def _line(document: Any, line: Utterance) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    time = paragraph.add_run(f"{clock(line.start_ms)}\u2002")
    time.font.size, time.font.color.rgb = Pt(8), GREY
    text = plain(line.text)
    _turn(paragraph, [paragraph.add_run(text)], text)


def _turn(paragraph: Any, runs: Iterable[Any], text: str) -> None:
    """Let a paragraph begin at the right where its first letter does."""
    if not is_right_to_left(text):
        return
    paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for run in runs:
        run.font.rtl = True
        run._element.rPr.append(_language(text))


def _language(text: str) -> Any:
    """Word picks fonts for the script by the language of complex text."""
    element = OxmlElement("w:lang")
    hebrew = any("\u0590" <= letter <= "\u05ff" for letter in text)
    element.set(qn("w:bidi"), "he-IL" if hebrew else "ar-SA")
    return element
