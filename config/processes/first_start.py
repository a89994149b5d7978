"""What an installation needs before and at its first start."""

import hashlib
from pathlib import Path

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.utils import timezone

from meetings.imports import services
from meetings.imports.refused import Refused
from meetings.models import Meeting

log = structlog.get_logger(__name__)

DEMO_CALL = settings.BASE_DIR / "meetings" / "demo_call"
DEMO_PEOPLE = ("anna", "ben", "carol")
DEMO_TITLE = "Demo: discovery call"


def prepare() -> None:
    """Folders, tables and static files as this version wants them."""
    for folder in (settings.RECORDINGS_DIR, settings.MODELS_DIR):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        collect_static()


def collect_static() -> bool:
    """Collect if a file changed since the last time; whether it did."""
    stamp = Path(settings.STATIC_ROOT) / "collected.txt"
    state = _state_of_static()
    if stamp.exists() and stamp.read_text() == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)
    return True


def _state_of_static() -> str:
    """A digest of names, sizes and times of everything that would be collected."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def import_demo_call(owner: User) -> Meeting | None:
    """The demo call through the real import, once per installation."""
    marker = settings.DATA_DIR / "demo_call_imported"
    if marker.exists() or Meeting.objects.exists():
        return None
    sources = [
        services.SourceFile(DEMO_CALL / f"{name}.ogg", f"{name.title()}.ogg")
        for name in DEMO_PEOPLE
    ]
    try:
        meeting = services.import_files(
            owner,
            sources,
            DEMO_TITLE,
            services.ImportChoice(language="en", held_at=timezone.now()),
        )
    except Refused as refusal:
        log.warning("the demo call was not imported", reason=str(refusal))
        return None
    marker.touch()
    return meeting
