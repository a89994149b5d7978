"""A transcript as PDF, in letters of any script: Noto fonts come with the packages."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import regex
from fpdf import FPDF

from meetings.models import Meeting
from meetings.times import clock
from transcription.egress.letters import COMPLEX, is_right_to_left, plain
from transcription.models import Utterance

LATIN = "NotoSans[wght].ttf"  # with Greek and Cyrillic
SCRIPTS = (
    *("Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian"),
    *("Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Malayalam"),
    *("Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai"),
)
EAST_ASIAN = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\u3000-\u303f]"
INK, GREY = 0x20, 0x60
LONGEST = 800  # characters of a paragraph: a minute of speech
TIME_MM, LINE_MM = 17, 5.2  # the margin in which times stand; from line to line


def pdf(meeting: Meeting, lines: Iterable[Utterance]) -> bytes:
    """A4. Title, day and people, then what was said, the time in the margin."""
    said = list(lines)
    people = plain(", ".join(person.name for person in meeting.people))
    page = _Paper(" ".join([plain(meeting.name), people, *(x.text for x in said)]))
    page.set_title(plain(meeting.name))
    page.heading(plain(meeting.name))
    page.small(f"{meeting.date:%d %B %Y, %H:%M}")
    page.small(people)
    before = None
    for line in said:
        if line.participant_id != before:
            page.speaker(plain(line.participant.name))
        before = line.participant_id
        page.said(clock(line.start_ms), plain(line.text))
    return bytes(page.output())


def _fonts(text: str) -> Iterator[tuple[str, Path]]:
    """Names and files of what a text needs besides LATIN."""
    folder = Path(str(files("manimgx_fonts")))
    for script in SCRIPTS:
        if regex.search(rf"\p{{{script}}}", text):
            yield script, folder / f"NotoSans{script}[wght].ttf"
    if regex.search(EAST_ASIAN, text):
        packed = Path(str(files("manimgx_fonts_cjk")))
        yield "EastAsian", packed / "NotoSansCJK-VF.otf.ttc"
    if regex.search(r"[\p{So}\p{Sm}\p{Emoji_Presentation}]", text):
        yield "Symbols", folder / "NotoSansSymbols[wght].ttf"
        yield "Emoji", folder / "NotoEmoji[wght].ttf"


def in_parts(text: str) -> list[str]:
    """``text`` in pieces of at most LONGEST characters, cut at spaces if there are any:
    the time that a paragraph takes grows with the square of its length."""
    parts = []
    while len(text) > LONGEST:
        cut = text.rfind(" ", LONGEST // 2, LONGEST) + 1 or LONGEST
        parts.append(text[:cut].rstrip())
        text = text[cut:]
    return [*parts, text]


class _Paper(FPDF):
    """Pages for a text whose letters are known before."""

    def __init__(self, text: str) -> None:
        super().__init__(format="A4")
        self._widths: dict[tuple[str, float], float] = {}  # of words, by size
        self.set_creator("Earshot")
        self.set_margin(18)
        self.set_auto_page_break(True, 18)
        self.add_font("Noto", fname=str(files("manimgx_fonts") / LATIN))
        others = dict(_fonts(text))
        for name, file in others.items():
            self.add_font(name, fname=str(file))
        self.set_fallback_fonts(list(others), exact_match=False)
        self.set_font("Noto", size=10)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("Noto", size=8)
        self.set_text_color(GREY)
        self.set_text_shaping(False)
        self.cell(0, 5, str(self.page_no()), align="C")

    def heading(self, text: str) -> None:
        self.set_text_color(INK)
        self.set_font("Noto", size=16)
        self._write(text, 8, strong=True)
        self.ln(1)

    def small(self, text: str) -> None:
        self.set_text_color(GREY)
        self.set_font("Noto", size=9)
        self._write(text, LINE_MM)

    def speaker(self, name: str) -> None:
        """A name above what follows: both on one page."""
        self.ln(2)
        if self.will_page_break(2 * LINE_MM):
            self.add_page()
        self.set_text_color(INK)
        self.set_font("Noto", size=10)
        self._write(name, LINE_MM, indent=TIME_MM, strong=True)

    def said(self, time: str, text: str) -> None:
        if self.will_page_break(LINE_MM):
            self.add_page()
        self.set_font("Noto", size=8)
        self.set_text_color(GREY)
        self.set_text_shaping(False)
        self.cell(TIME_MM, LINE_MM, time)
        self.set_x(self.l_margin)
        self.set_font("Noto", size=10)
        self.set_text_color(INK)
        for part in in_parts(text):
            self._write(part, LINE_MM, indent=TIME_MM)

    def _write(
        self, text: str, height: float, indent: float = 0, strong: bool = False
    ) -> None:
        """Lines of ``height`` mm. Shaping costs four times as much, and is for scripts
        that need it."""
        shaped, turned = bool(COMPLEX.search(text)), is_right_to_left(text)
        self.set_text_shaping(shaped, direction="rtl" if turned else "ltr")
        self.set_x(self.l_margin + indent)
        room = self.w - self.r_margin - self.x - 2 * self.c_margin
        write = self.cell if shaped else self.multi_cell  # which measures each letter
        with self.local_context(**_weight(strong)):
            for line in self._broken(text, room) if shaped else [text]:
                self.set_x(self.l_margin + indent)
                # fpdf2 forgets that the size it set in the last line ended with that.
                self.current_font_is_set_on_page = False
                write(
                    *(0, height, line),
                    align="R" if turned else "L",
                    new_x="LMARGIN",
                    new_y="NEXT",
                )

    def _broken(self, text: str, room: float) -> Iterator[str]:
        """Lines of at most ``room`` mm."""
        line, used, space = list[str](), 0.0, self.get_string_width(" ")
        pieces = (self._cut(word, room) for word in text.split(" "))
        for word in chain.from_iterable(pieces):
            width = self._width(word)
            if line and used + width > room:
                yield " ".join(line)
                line, used = [], 0.0
            line.append(word)
            used += width + space
        yield " ".join(line)

    def _cut(self, word: str, room: float) -> Iterator[str]:
        """A word that no line holds, in pieces."""
        if len(word) < 2 or self._width(word) <= room:
            yield word
            return
        middle = len(word) // 2
        yield from self._cut(word[:middle], room)
        yield from self._cut(word[middle:], room)

    def _width(self, word: str) -> float:
        key = (word, self.font_size_pt)
        if key not in self._widths:
            self._widths[key] = self.get_string_width(word)
        return self._widths[key]


def _weight(strong: bool) -> dict[str, Any]:
    """The font has one weight: bold letters get an outline."""
    if not strong:
        return {}
    return {"text_mode": "FILL_STROKE", "line_width": 0.12, "draw_color": INK}
