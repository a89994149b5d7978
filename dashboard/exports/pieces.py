"""What of a call is taken out, and what each file is called."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

from dashboard.exports.figures import cell
from dashboard.exports.formats import FORMATS
from meetings.models import Meeting, Recording
from meetings.models.names import file_name
from meetings.recordings import finishing
from meetings.recordings.downloads import m4a_of
from meetings.rooms import chat
from meetings.times import clock

DOCUMENTS = ("docx", "pdf")
NAMES = {
    "txt": "transcript.txt",
    "docx": "transcript.docx",
    "pdf": "transcript.pdf",
    "srt": "subtitles.srt",
    "vtt": "subtitles.vtt",
    "json": "words.json",
    "csv": "statistics.csv",
}
TEXT_BYTES = 300_000  # what the text of a call takes, at most, unless it is a long one
CATALOGUE = "calls.csv"
HEAD = (*("folder", "title", "date", "minutes", "customer"), "people", "code")


@dataclass(frozen=True)
class Parts:
    """What is wanted besides the text."""

    documents: bool = True
    sound: bool = True
    video: bool = True


class Target(Protocol):
    def add(self, name: str, content: bytes, at: datetime) -> None: ...
    def copy(self, name: str, source: Path, at: datetime) -> None: ...


@dataclass(frozen=True)
class Media:
    """A file of sound or pictures: what it is called, and where it lies now."""

    name: str
    path: Path


class Names:
    """Names that are taken: no two differ by case or form of letters alone."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def free(self, name: str, suffix: str = "") -> str:
        """``name`` as a file, with a number where another has it already."""
        for number in range(1, len(self._taken) + 2):
            more = f" ({number})" if number > 1 else ""
            tried = file_name(name, f"{more}{suffix}")
            if tried.casefold() not in self._taken:
                break
        self._taken.add(tried.casefold())
        return tried


def folder_for(meeting: Meeting, names: Names) -> str:
    """Day and title: a list of folders is in the order of time."""
    return names.free(f"{meeting.date:%Y-%m-%d} {meeting.name}")


def take(meeting: Meeting, folder: str, parts: Parts, target: Target) -> list[str]:
    """Write a call into ``folder`` of a target; names of files that went meanwhile."""
    for kind, form in FORMATS.items():
        if parts.documents or kind not in DOCUMENTS:
            target.add(f"{folder}/{NAMES[kind]}", form.content(meeting), meeting.date)
    if written := _chat(meeting):
        target.add(f"{folder}/chat.txt", written.encode(), meeting.date)
    missed = list(_copied(meeting, folder, media_of(meeting, parts), target))
    if missed:  # the recording was put together anew: there is another one by now
        again = [file for file in media_of(meeting, parts) if file.name in missed]
        missed = list(_copied(meeting, folder, again, target))
    return missed


def _copied(
    meeting: Meeting, folder: str, files: Iterable[Media], target: Target
) -> Iterator[str]:
    for file in files:
        try:
            target.copy(f"{folder}/{file.name}", file.path, meeting.date)
        except FileNotFoundError:
            yield file.name


def size_of(meeting: Meeting, parts: Parts) -> int:
    """About how many bytes a call takes."""
    total = TEXT_BYTES
    for file in media_of(meeting, parts):
        with suppress(FileNotFoundError):  # put together anew just now
            total += file.path.stat().st_size
    return total


def media_of(meeting: Meeting, parts: Parts) -> list[Media]:
    """Files of a call that are there now."""
    recording = Recording.objects.filter(meeting=meeting).first()
    names = Names()
    found: list[Media] = []
    if recording and parts.sound:
        found += _sound(meeting, recording, names)
    if parts.video:
        found += _video(meeting, recording, names)
    return [file for file in found if file.path.is_file()]


def _sound(meeting: Meeting, recording: Recording, names: Names) -> Iterator[Media]:
    mix = recording.download
    yield Media(f"sound/{names.free('everybody', mix.suffix)}", mix)
    called = {str(person.pk): person.name for person in meeting.people}
    for key, stem in recording.stems.items():
        person, _, screen = key.partition("/")
        path = recording.path(stem)
        path = m4a_of(path) if m4a_of(path).is_file() else path
        about = f"{called.get(person, person)}{', screen' if screen else ''}"
        yield Media(f"sound/{names.free(about, path.suffix)}", path)


def _video(
    meeting: Meeting, recording: Recording | None, names: Names
) -> Iterator[Media]:
    if recording and recording.video:
        film = recording.path(recording.video)
        yield Media(f"video/{names.free('everybody', film.suffix)}", film)
    for track in finishing.pictures(meeting):
        what = track.get_source_display().lower()
        since = clock(track.offset_ms).replace(":", ".")
        path = track.mp4 if track.has_mp4 else track.path
        about = f"{track.participant.name}, {what} from {since}"
        yield Media(f"video/{names.free(about, path.suffix)}", path)


def _chat(meeting: Meeting) -> str:
    return "".join(
        f"{clock(row.at_ms)} {row.participant.name}: {' '.join(row.text.split())}\n"
        for row in chat.of_call(meeting.pk)
    )


def entry_of(meeting: Meeting, folder: str) -> list[Any]:
    """The call in the catalogue."""
    people = ", ".join(person.name for person in meeting.people)
    minutes = round(meeting.duration_ms / 60_000, 1)
    day = f"{meeting.date:%Y-%m-%d %H:%M}"
    customer = str(meeting.account or "")
    return [folder, meeting.name, day, minutes, customer, people, meeting.code]


def catalogue(entries: Iterable[list[Any]]) -> bytes:
    """All calls as CSV, with the mark by which spreadsheets know UTF-8."""
    sheet = StringIO()
    writer = csv.writer(sheet)
    writer.writerow(HEAD)
    writer.writerows([cell(value) for value in entry] for entry in entries)
    return b"\xef\xbb\xbf" + sheet.getvalue().encode(errors="replace")
