"""A film is made in a process of its own, which is held back while others need the CPU.

`python -m meetings.media.egress.grid_apart` reads a JSON order from its input and says
how far it is, {"progress": 0..1}, twice a second; it goes on when it is told to, by a
line. Last comes {"done": true} or {"error": code}. Whoever asked for it may be killed:
then nothing is to be read any more, and it ends.
"""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av

from meetings.media.child import lines_of
from meetings.media.egress.grid import Face, PictureFile
from meetings.media.egress.grid_video import GridOrder, check_room, make
from meetings.media.egress.video_file import Reserve
from meetings.media.errors import MediaError, NoRoom
from meetings.media.probe import limit_memory

NICER = 4  # than who asked for it
WORK_SECONDS = 0.5  # between two words
STALLED = 600.0  # s without a word: it waits for something that never comes
FULL = (errno.ENOSPC, errno.EDQUOT)


def make_apart(
    order: GridOrder,
    reserve: int,
    may_go_on: Callable[[float], None],
    work_s: float = WORK_SECONDS,
) -> None:
    """As `grid_video.make`, in another process, which ends with this call.

    `may_go_on(share)` is asked after every `work_s` of its work: it may take its time,
    and what it raises ends the work. Parts that are whole stay. `reserve`: bytes of the
    disk that are left free. Raises NoRoom, MediaError "crashed".
    """
    check_room(order, reserve)
    with subprocess.Popen(
        [sys.executable, "-m", "meetings.media.egress.grid_apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        text=True,
    ) as child:
        try:
            _follow(
                child, json.dumps(_told(order, reserve) | {"work_s": work_s}), may_go_on
            )
        finally:
            child.kill()


def _follow(child: Any, order: str, may_go_on: Callable[[float], None]) -> None:
    try:
        _say_to(child, order)
        for said in map(json.loads, lines_of(child, STALLED)):
            if "done" in said:
                return
            if said.get("error") == NoRoom().code:
                raise NoRoom
            if "error" in said:
                raise MediaError(said["error"], detail=said["detail"])
            may_go_on(said["progress"])
            _say_to(child, "on")
    except BrokenPipeError:
        pass
    raise MediaError("crashed", detail=f"it ended with {child.wait()}")


def _say_to(child: Any, line: str) -> None:
    child.stdin.write(f"{line}\n")
    child.stdin.flush()


def _told(order: GridOrder, reserve: int) -> dict[str, Any]:
    return {
        "faces": [asdict(face) for face in order.faces],
        "pictures": [asdict(p) | {"path": str(p.path)} for p in order.pictures],
        "duration_ms": order.duration_ms,
        "sound": str(order.sound),
        "folder": str(order.folder),
        "sound_from_ms": order.sound_from_ms,
        "alone": order.alone,
        "reserve": reserve,
    }


# -- the other process


class Asking:
    """Works for a while, then asks whether to go on; leaves the disk its reserve."""

    def __init__(self, reserve: Reserve, work_s: float) -> None:
        self._reserve = reserve
        self._work_s = work_s
        self._next = 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() < self._next:
            return
        self._reserve.check()
        _say(progress=share)
        if not sys.stdin.readline():
            sys.exit("nobody waits for this film any more")
        self._next = time.monotonic() + self._work_s


def _say(**said: Any) -> None:
    print(json.dumps(said), flush=True)


def main() -> None:
    limit_memory()
    os.nice(NICER)
    told = json.loads(sys.stdin.readline())
    folder = Path(told["folder"])
    order = GridOrder(
        faces=[Face(**face) for face in told["faces"]],
        pictures=[
            PictureFile(**picture | {"path": Path(picture["path"])})
            for picture in told["pictures"]
        ],
        duration_ms=told["duration_ms"],
        sound=Path(told["sound"]),
        folder=folder,
        sound_from_ms=told["sound_from_ms"],
        alone=tuple(told["alone"]) if told["alone"] else None,
    )
    try:
        make(order, Asking(Reserve(folder, told["reserve"]), told["work_s"]))
    except (OSError, av.FFmpegError) as error:
        if getattr(error, "errno", None) not in FULL:
            raise
        _say(error=NoRoom().code, detail=str(error))
    else:
        _say(done=True)


if __name__ == "__main__":
    main()
