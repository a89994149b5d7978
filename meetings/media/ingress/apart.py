"""Recorded files are read in a process of its own, with limits, for nobody vouches.

`python -m meetings.media.ingress.apart ORDER` takes a JSON object and prints
one a line: {"progress": 0..1}, and last {"tracks": {index: Imported}} or
{"error": code, "detail"}.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from meetings.media.child import lines_of
from meetings.media.errors import MediaError
from meetings.media.ingress.files import Imported, Progress, decode
from meetings.media.probe import limit_self

CPU_SECONDS = 2 * 3600  # twelve hours of sound take far less
TOLD = 0.5  # s between two words of progress
STALLED = 600.0  # s without a word: it waits for something that never comes


def decode_apart(
    path: Path,
    wanted: Mapping[int, Sequence[Path]],
    name: str = "",
    on_progress: Progress = lambda share: None,
) -> dict[int, Imported]:
    """As `files.decode`, in another process, which ends with this call.

    Also raises MediaError "crashed" for a file that made FFmpeg crash or swell; what
    `on_progress` raises ends the work.
    """
    order = {
        "path": str(path.absolute()),
        "wanted": {key: [str(out) for out in outs] for key, outs in wanted.items()},
        "name": name,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "meetings.media.ingress.apart", json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
        text=True,
    ) as child:
        try:
            return _follow(child, on_progress)
        finally:
            child.kill()
            _discard_parts(wanted)


def _follow(child: Any, on_progress: Progress) -> dict[int, Imported]:
    for line in lines_of(child, STALLED):
        said = json.loads(line)
        if "progress" in said:
            on_progress(said["progress"])
        elif "error" in said:
            raise MediaError(said["error"], detail=said["detail"])
        else:
            return {int(key): Imported(**made) for key, made in said["tracks"].items()}
    raise MediaError("crashed", detail=f"its reader ended with {child.wait()}")


def _discard_parts(wanted: Mapping[int, Sequence[Path]]) -> None:
    for out in (out for outs in wanted.values() for out in outs):
        out.with_name(out.name + ".part").unlink(missing_ok=True)


class Telling:
    """Says how far it is, but not at every packet."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + TOLD
            _say(progress=share)


def _say(**said: Any) -> None:
    print(json.dumps(said), flush=True)


def main(given: str) -> None:
    limit_self(CPU_SECONDS)
    order = json.loads(given)
    wanted = {
        int(key): [Path(out) for out in outs] for key, outs in order["wanted"].items()
    }
    try:
        made = decode(Path(order["path"]), wanted, order["name"], Telling())
    except MediaError as error:
        _say(error=error.code, detail=error.detail)
    else:
        _say(tracks={index: vars(track) for index, track in made.items()})


if __name__ == "__main__":
    main(sys.argv[1])
