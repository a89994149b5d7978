"""Secrets that the installation makes for itself, kept in the data folder."""

import os
import stat
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def keep_to_ourselves(data_dir: Path) -> None:
    """Take the rights of others away from a data folder of an older release.

    A shared folder (sticky, like /tmp) or one of another account is left as it is.
    """
    about = data_dir.stat()
    others = about.st_mode & 0o077
    if others and about.st_uid == os.getuid() and not about.st_mode & stat.S_ISVTX:
        data_dir.chmod(0o700)


def secret_key(data_dir: Path) -> str:
    """The signing key in ``data_dir/secret_key``, made on first use (mode 0600)."""
    path = data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(get_random_secret_key() + "\n")
    try:
        os.link(draft, path)  # two first starts at once: one key wins for both
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
