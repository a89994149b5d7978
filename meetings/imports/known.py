"""Files that were imported already: known by their content, whatever their name."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max

from meetings.imports.refused import Refused
from meetings.models import Fingerprint, Job, Meeting


class Duplicate(Refused):
    """A file is a call already, one that its importer may see."""

    def __init__(self, name: str, meeting: Meeting | None) -> None:
        call = f" as “{meeting.name}”" if meeting else ""
        super().__init__("duplicate", f"{name} was imported already{call}.")
        self.meeting = meeting


@dataclass(frozen=True)
class Seen:
    """A file, by its content."""

    name: str
    sha256: str
    bytes: int


def look(
    owner: User, files: Sequence[tuple[Path, str]], again: bool = False
) -> list[Seen]:
    """What the files are known by. Raises Duplicate for one that is a call which
    ``owner`` may see, unless it is wanted ``again``; what failed may be tried anew."""
    seen = [Seen(name, _sha256(path), path.stat().st_size) for path, name in files]
    if not again:
        _refuse_known(owner, seen)
    return seen


def _refuse_known(owner: User, seen: Sequence[Seen]) -> None:
    for one in seen:
        if meeting := _call_of(owner, one.sha256):
            raise Duplicate(one.name, meeting)


def note(
    meeting: Meeting, seen: Sequence[Seen], begins: str, again: bool = False
) -> None:
    """Write down what a call was made of, in files called ``begins`` and a number.

    In the transaction that makes the call. Raises Duplicate when somebody brought the
    same file meanwhile; where transactions do not see each other, the database does.
    """
    # Counted first: what comes between the two is refused by one or by the database.
    copies = _copies(meeting.owner, seen)
    if not again:
        _refuse_known(meeting.owner, seen)
    rows = []
    for number, one in enumerate(seen):
        copy = copies[one.sha256] = copies.get(one.sha256, -1) + 1
        rows.append(
            Fingerprint(
                meeting=meeting,
                owner_id=meeting.owner_id,
                file=f"{begins}{number}",
                sha256=one.sha256,
                copy=copy,
                bytes=one.bytes,
            )
        )
    try:
        with transaction.atomic():
            Fingerprint.objects.bulk_create(rows)
    except IntegrityError:
        raise Duplicate(seen[0].name, None) from None


def _copies(owner: User, seen: Sequence[Seen]) -> dict[str, int]:
    """{sha256: the last copy there is}."""
    theirs = Fingerprint.objects.filter(
        owner=owner, sha256__in={s.sha256 for s in seen}
    )
    last = theirs.order_by().values("sha256").annotate(last=Max("copy"))
    return {row["sha256"]: row["last"] for row in last}


def _call_of(owner: User, sha256: str) -> Meeting | None:
    """The first call of this file that ``owner`` may see, but none that failed."""
    failed = Job.objects.filter(kind="import", state=Job.State.FAILED)
    seen = Meeting.objects.visible_to(owner).filter(fingerprints__sha256=sha256)
    good = seen.exclude(pk__in=failed.values("meeting_id"))
    return good.order_by("pk").first()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
