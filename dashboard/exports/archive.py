"""A ZIP that grows call by call, on the disk, and goes on after its process was killed.

Half of a file is never taken for the whole: it has its name when it is whole. What was
killed is cut back to the last checkpoint, which holds the directory of the ZIP as it
was then (a ZIP has it at its end, where the next file is written over it).
"""

import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

CHECKPOINT = 30.0  # s between two checkpoints: a directory of many calls is large
CHUNK = 1 << 20  # bytes between two looks at whether to go on

Step = Callable[[int], None]  # bytes that were written; may raise to end the work


class Archive:
    """A ZIP in ``folder``; ``done`` holds what its user noted of each whole part."""

    def __init__(self, folder: Path, step: Step) -> None:
        self.done: dict[str, Any] = {}
        self.resumed_at = 0  # bytes that were there before
        self._folder, self._step = folder, step
        self._part, self._notes = folder / "calls.zip.part", folder / "checkpoint"
        self._saved_at = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        self._zip = self._resumed() or zipfile.ZipFile(self._part, "w")

    def _resumed(self) -> zipfile.ZipFile | None:
        """The part file as it was at the last checkpoint; None where there is none."""
        with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile):
            head, _, directory = self._notes.read_bytes().partition(b"\n")
            notes = json.loads(head)
            with self._part.open("r+b") as file:
                if file.seek(0, os.SEEK_END) < notes["bytes"]:
                    return None  # the machine went down with it
                file.truncate(notes["bytes"])
                file.seek(0, os.SEEK_END)
                file.write(directory)
            opened = zipfile.ZipFile(self._part, "a")
            self.done, self.resumed_at = notes["done"], notes["bytes"]
            return opened
        return None

    def add(self, name: str, content: bytes, at: datetime) -> None:
        """A small file; ``name`` has slashes between folders."""
        with self._member(name, at, zipfile.ZIP_DEFLATED) as member:
            member.write(content)
        self._step(len(content))

    def copy(self, name: str, source: Path, at: datetime) -> None:
        """A large file as it is: sound and pictures are compressed already."""
        with (
            source.open("rb") as file,
            self._member(name, at, zipfile.ZIP_STORED) as member,
        ):
            while block := file.read(CHUNK):
                member.write(block)
                self._step(len(block))

    @contextmanager
    def _member(self, name: str, at: datetime, how: int) -> Iterator[Any]:
        moment = max(at, at.replace(year=1980))  # the format knows none before
        info = zipfile.ZipInfo(name, moment.timetuple()[:6])
        info.compress_type, info.external_attr = how, 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as member:
            yield member

    def note(self, part: str, told: Any) -> None:
        """A part is whole: after a kill it is not made again."""
        self.done[part] = told
        if time.monotonic() - self._saved_at >= CHECKPOINT:
            self.save()

    def save(self) -> None:
        """Keep all that is whole, whatever comes."""
        self._zip.close()
        end = self._zip.start_dir
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
            file.seek(end)
            directory = file.read()
        head = json.dumps({"bytes": end, "done": self.done}).encode()
        new = self._notes.with_suffix(".new")
        new.write_bytes(head + b"\n" + directory)
        new.replace(self._notes)
        self._zip = zipfile.ZipFile(self._part, "a")
        self._saved_at = time.monotonic()

    def finish(self, target: Path) -> int:
        """Give the file its name; its bytes."""
        self._zip.close()
        with self._part.open("rb") as file:
            os.fsync(file.fileno())
        self._part.replace(target)
        self._notes.unlink(missing_ok=True)
        return target.stat().st_size

    def leave(self) -> None:
        """Let go of the file without another word; what was saved is kept."""
        with suppress(OSError, ValueError):
            self._zip.close()


class Folder:
    """The same as plain files below ``root``, for the command line."""

    def __init__(self, root: Path, step: Step) -> None:
        self._root, self._step = root, step

    def add(self, name: str, content: bytes, at: datetime) -> None:
        self._target(name).write_bytes(content)
        self._step(len(content))

    def copy(self, name: str, source: Path, at: datetime) -> None:
        with source.open("rb") as file, self._target(name).open("wb") as target:
            while block := file.read(CHUNK):
                target.write(block)
                self._step(len(block))

    def _target(self, name: str) -> Path:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def room_left(folder: Path) -> int:
    """Bytes that may still be written there."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
