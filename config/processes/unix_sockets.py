"""Where the processes of one installation listen for each other."""

import hashlib
import os
import tempfile
from pathlib import Path

# sun_path of unix(7) holds 108 bytes with the closing zero.
PATH_BYTES = 107


def path_for(data_dir: Path, name: str) -> Path:
    """The socket ``name`` of this data folder.

    Inside the folder, or, where that path is too long for a socket, in the user's
    own folder below the temporary one, under a name made from the data folder's.
    """
    path = data_dir / f"{name}.sock"
    if len(os.fsencode(path)) <= PATH_BYTES:
        return path
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"earshot-{os.getuid()}" / f"{key}-{name}.sock"
