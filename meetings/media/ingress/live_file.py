from collections.abc import AsyncGenerator
from pathlib import Path

from meetings.media.errors import SourceUnreachable
from meetings.media.ingress.base import Ingress

PIECE = 64 * 1024  # bytes


class FileIngress(Ingress):
    """A file that is played into a room in real time, as somebody who talks now.

    Of the kinds that can be read from their beginning to their end: MPEG-TS, MP4 that
    begins with its head, MP3, AAC, Ogg, WAV, FLAC, Matroska.
    """

    kind = "file"

    def __init__(
        self, id: str, label: str, path: Path, *, recorded: bool = True
    ) -> None:
        super().__init__(id, label, recorded=recorded)
        self.path = path

    async def read(self) -> AsyncGenerator[bytes]:
        try:
            with self.path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise SourceUnreachable(f"its file: {error.strerror}") from error
