"""Files come in by tus 1.0, in slices: an upload that broke off goes on where it was.

An upload is a folder below UPLOADS_DIR: ``about.json`` says whose it is, ``data`` holds
what has come. Its size is the offset, so there is nothing to lose in between. Protocol:
https://tus.io/protocols/resumable-upload
"""

import errno
import fcntl
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import BinaryIO
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.template.defaultfilters import filesizeformat

log = structlog.get_logger(__name__)

SLICE = 8 * 1024 * 1024  # bytes that a page sends at a time; config.bounded takes 16 MB
RESERVE = 512 * 1024 * 1024  # bytes of the disk that are left to calls
KEPT = 24 * 3600.0  # s after its last byte that an unfinished upload waits
IDLE = 60.0  # s without a byte after which one may give way to another of its owner
_PIECE = 1024 * 1024  # bytes between two looks at the length


class Denied(Exception):
    """What cannot be taken; ``code`` is for scripts, the message for people."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Upload:
    """One file on its way."""

    folder: Path
    owner: int  # primary key of the account
    length: int  # bytes
    name: str

    @property
    def id(self) -> str:
        """What its address ends with."""
        return self.folder.name

    @property
    def data(self) -> Path:
        """What has come."""
        return self.folder / "data"

    @property
    def offset(self) -> int:
        """Bytes that have come."""
        return self.data.stat().st_size

    @property
    def touched(self) -> float:
        """Unix time of its last byte."""
        return self.data.stat().st_mtime


def begin(owner: User, length: int, name: str) -> Upload:
    """Room for a file. Raises Denied: too large with what is on its way, or no room."""
    limit = settings.UPLOAD_MAX_BYTES
    if length > limit or not _make_room(owner, limit - length):
        message = f"The files are larger than {filesizeformat(limit)} together."
        raise Denied("too_large", 413, message)
    if shutil.disk_usage(settings.UPLOADS_DIR).free < length + RESERVE:
        log.error("an upload was refused: the disk is nearly full", bytes=length)
        raise _full()
    upload = Upload(Path(settings.UPLOADS_DIR) / str(uuid4()), owner.pk, length, name)
    upload.folder.mkdir(mode=0o700)
    upload.data.touch(mode=0o600)
    about = {"owner": owner.pk, "length": length, "name": name}
    (upload.folder / "about.json").write_text(json.dumps(about))
    return upload


def find(owner: User, upload_id: UUID | str) -> Upload | None:
    """An upload of this account; none for anything else."""
    try:
        upload = _read(Path(settings.UPLOADS_DIR) / str(UUID(str(upload_id))))
    except ValueError:
        return None
    return upload if upload and upload.owner == owner.pk else None


def append(upload: Upload, offset: int, body: BinaryIO) -> int:
    """Add a slice at an offset; returns the next one.

    Raises Denied: another slice is being written, the offset is not the file's, more
    comes than the file has, or the disk is full. What was there before stays.
    """
    with upload.data.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Denied("locked", 423, "This file is being sent already.") from None
        if offset != upload.offset:
            raise Denied("conflict", 409, f"{upload.offset} bytes have come so far.")
        try:
            while piece := body.read(_PIECE):
                if file.tell() + len(piece) > upload.length:
                    file.truncate(offset)
                    raise Denied("too_long", 413, "The file is longer than it said.")
                file.write(piece)
                file.flush()
        except OSError as error:
            file.truncate(offset)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                log.error("the disk is full: an upload waits", upload=upload.id)
                raise _full() from error
            raise
        return file.tell()


def take(owner: User, upload_id: str) -> Upload:
    """Claim a whole upload, once. Raises Denied for one that is not there, or not yet.

    The caller forgets it when it is done with it.
    """
    gone = Denied("no_upload", 404, "The files are not here any more. Send them again.")
    upload = find(owner, upload_id)
    if upload is None:
        raise gone
    if upload.offset < upload.length:
        raise Denied("not_whole", 409, f"{upload.name} has not arrived in full.")
    taken = upload.folder.with_suffix(".taken")
    try:
        upload.folder.rename(taken)
    except OSError:  # somebody else did
        raise gone from None
    return Upload(taken, upload.owner, upload.length, upload.name)


def give_back(upload: Upload) -> None:
    """It was taken for nothing: it waits again, as long as any."""
    if upload.data.exists():
        upload.folder.rename(upload.folder.with_suffix(""))
    else:
        forget(upload)


def forget(upload: Upload) -> None:
    """Delete what has come of it."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def sweep(now: float | None = None) -> int:
    """Delete whatever lies here untouched for KEPT; how many."""
    count, now = 0, now or time()
    for path in Path(settings.UPLOADS_DIR).iterdir():
        newest = max((p.stat().st_mtime for p in path.glob("data")), default=0.0)
        if now - max(newest, path.stat().st_mtime) < KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        count += 1
    return count


def _make_room(owner: User, room: int) -> bool:
    """Whether the other uploads of an account fit; idle ones give way, oldest first."""
    others = [u for u in _all() if u.owner == owner.pk]
    others.sort(key=lambda upload: upload.touched)
    for upload in others:
        if sum(other.length for other in others) <= room:
            break
        if time() - upload.touched > IDLE:
            forget(upload)
            others = [other for other in others if other is not upload]
    return sum(other.length for other in others) <= room


def _all() -> list[Upload]:
    folders = Path(settings.UPLOADS_DIR).iterdir()
    return [upload for folder in folders if (upload := _read(folder))]


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / "about.json").read_text())
        (folder / "data").stat()
    except (OSError, ValueError):
        return None
    return Upload(folder, about["owner"], about["length"], about["name"])


def _full() -> Denied:
    return Denied("no_room", 507, "The server has no room for this file now.")
