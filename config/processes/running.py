"""The address of the server that runs on a data folder, for commands beside it."""

import json
from pathlib import Path
from typing import NamedTuple

from config.processes.data_lock import is_taken

NAME = "running.json"


class Running(NamedTuple):
    """What ``manage.py up`` was started with."""

    public_url: str
    host: str
    port: int


def note(data_dir: Path, running: Running) -> None:
    """Write it down for those who ask while it runs."""
    (data_dir / NAME).write_text(json.dumps(running._asdict()))


def server(data_dir: Path) -> Running | None:
    """The one that runs now, whatever PORT this command was given; else None."""
    if not is_taken(data_dir):
        return None
    try:
        return Running(**json.loads((data_dir / NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return None
