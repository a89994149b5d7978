"""The lines of a Word document, read without trust.

Only the text is looked at. What is packed is unpacked to a bound, whatever its header
says; a document that declares entities is refused, so none is ever expanded.
"""

import io
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from transcription.speech.speakers.cues import UnreadableTranscript

DOCUMENT = "word/document.xml"
MOST_XML = 32 * 2**20  # bytes unpacked: a long transcript has about 5 MB
MOST_PARTS = 500_000  # stretches of text and ends of lines
PIECE = 2**16
BAD = "is no document that can be read."


def lines(data: bytes) -> list[str]:
    """Paragraphs and line breaks as lines. Raises UnreadableTranscript."""
    text = _Text()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            info = archive.getinfo(DOCUMENT)
            if info.flag_bits & 1:
                raise UnreadableTranscript("is locked by a password.")
            with archive.open(info) as packed:
                _feed(packed, text)
    except (zipfile.BadZipFile, KeyError, zlib.error, expat.ExpatError) as error:
        raise UnreadableTranscript(BAD) from error
    except (NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableTranscript(BAD) from error
    return "".join(text.parts).split("\n")


def _feed(packed: IO[bytes], text: "_Text") -> None:
    read = 0
    while piece := packed.read(PIECE):
        read += len(piece)
        if read > MOST_XML or len(text.parts) > MOST_PARTS:
            raise UnreadableTranscript("is longer than any call.")
        text.parser.Parse(piece)
    text.parser.Parse(b"", True)


class _Text:
    """What stands in the w:t of a document; its other marks are line ends or tabs."""

    BREAKS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t"}

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._inside = self._in_run = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *declaration: object) -> None:
        raise UnreadableTranscript(BAD)

    def _begin(self, tag: str, _: object) -> None:
        name = tag.rpartition(":")[2]
        self._inside = name == "t"
        self._in_run = self._in_run or name == "r"
        if self._in_run and name in ("br", "cr", "tab"):
            self.parts.append(self.BREAKS[name])

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        self._inside = False
        self._in_run = self._in_run and name != "r"
        if name == "p":
            self.parts.append("\n")

    def _take(self, text: str) -> None:
        if self._inside:
            self.parts.append(text)
