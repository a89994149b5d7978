"""What the chapters above may listen to, so that nothing here imports them.

Upper apps add their functions in ``AppConfig.ready()``; each is called in the order
in which it was added. A listener that raises is logged and never hurts the call.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, ParamSpec

import structlog

from meetings.media.pcm import PCMChunk

log = structlog.get_logger(__name__)
P = ParamSpec("P")


class Tap(Generic[P]):
    """A named list of listeners."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Callable[P, object]] = []

    def attach(self, listener: Callable[P, object]) -> None:
        if listener not in self._listeners:
            self._listeners.append(listener)

    def detach(self, listener: Callable[P, object]) -> None:
        self._listeners.remove(listener)

    def publish(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self._listeners:
            try:
                listener(*args, **kwargs)
            except Exception:
                log.exception("a listener failed", tap=self.name)


class Duty(Tap[P]):
    """Listeners that must succeed: what one raises, the publisher hears of."""

    def publish(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self._listeners:
            listener(*args, **kwargs)


# Sound of one recorded person: participant id, chunk. In order, on a thread of theirs.
audio: Tap[[int, PCMChunk]] = Tap("audio")
# A recorded person's sound begins or ends: meeting id, participant id. In order, on the
# media thread: nothing there may wait for the database.
sound_began: Tap[[int, int]] = Tap("sound began")
sound_ended: Tap[[int, int]] = Tap("sound ended")
# The meeting ends: meeting id. In the transaction that ends it, so that what has to
# follow does.
meeting_ends: Duty[[int]] = Duty("meeting ends")
# The room is closed, all its people are gone: meeting id.
meeting_ended: Tap[[int]] = Tap("meeting ended")
# All tracks of an ended meeting or an import lie readable on disk: meeting id. In the
# transaction of the job that saw to it, which is tried again when a listener fails.
tracks_ready: Duty[[int]] = Duty("tracks ready")
# A transcript lay beside an imported recording: meeting id, its file, its name. Before
# its tracks are ready; the file is gone afterwards.
transcript_came: Duty[[int, Path, str]] = Duty("transcript came")
# A track was handed in afterwards: its id. In the transaction that gives it its row.
handed_in: Duty[[int]] = Duty("handed in")
# Somebody's or some meeting's language was set anew.
language_changed: Tap[[]] = Tap("language changed")
# The text of a meeting changed as a whole: meeting id.
transcript_changed: Tap[[int]] = Tap("transcript changed")
# Rows of a person were deleted, the job cleans up: meeting id. For who keeps traces of
# rows elsewhere; outside of transactions, tried again when a listener fails.
person_erased: Duty[[int]] = Duty("person erased")
