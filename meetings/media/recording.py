from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from meetings.media.clock import RoomClock
from meetings.media.config import MediaConfig
from meetings.media.egress.notes import ManifestNotes
from meetings.media.egress.recorder import RecorderEvents, TrackRecorder
from meetings.media.egress.video import VideoRecorder
from meetings.media.events import (
    SHARED,
    Compared,
    PictureSize,
    RecordingFailed,
    RoomEvent,
    SegmentClosed,
    SegmentOpened,
    SoundBegan,
    SoundEnded,
)
from meetings.media.participant import Member, Recorder
from meetings.media.pcm import PCMChunk
from meetings.media.telling import Announcer
from meetings.media.track import MediaTrack

PCMSink = Callable[[str, PCMChunk], None]  # participant id, chunk


class RoomRecording:
    """What a room keeps of its people: files in one folder, and decoded sound."""

    def __init__(
        self,
        record_dir: Path,
        clock: RoomClock,
        config: MediaConfig,
        telling: Announcer,
    ) -> None:
        self._record_dir = record_dir
        self._clock = clock
        self._config = config
        self._tell, self._about = telling.tell, telling.about
        self._pcm_sinks: list[PCMSink] = []
        self._shared_sinks: list[PCMSink] = []  # of what shared tabs play
        self._notes = ManifestNotes(record_dir)
        telling.listen(self._notes.hear)

    def note(self, event: RoomEvent) -> None:
        """Keep what is nothing to tell the room of."""
        self._notes.hear(event)

    async def close(self) -> None:
        """Return when the disk has all notes."""
        await self._notes.close()

    def on_pcm(self, sink: PCMSink) -> Callable[[], None]:
        self._pcm_sinks.append(sink)
        return lambda: self._pcm_sinks.remove(sink)

    def on_shared_pcm(self, sink: PCMSink) -> Callable[[], None]:
        self._shared_sinks.append(sink)
        return lambda: self._shared_sinks.remove(sink)

    def recorder_for(self, person: Member, track: MediaTrack) -> Recorder:
        about, config, dir = self._about, self._config, self._record_dir

        def failed(code: str, detail: str) -> None:
            why = {"code": code, "detail": detail}
            self._tell(RecordingFailed(**about(person), **why, kind=track.kind))

        events = RecorderEvents(
            opened=lambda s: self._tell(
                SegmentOpened(**self._about(person), segment=s)
            ),
            closed=lambda s: self._tell(
                SegmentClosed(**self._about(person), segment=s)
            ),
            failed=failed,
            began=lambda: self._tell(SoundBegan(**self._about(person))),
            ended=lambda: self._tell(SoundEnded(**self._about(person))),
            pcm=lambda chunk: _hand(self._pcm_sinks, person.id, chunk),
            compared=lambda written, heard: self._tell(
                Compared(**self._about(person), written_ms=written, heard_ms=heard)
            ),
        )
        if track.kind == "video":

            def sized(width: int, height: int) -> None:
                event = PictureSize(
                    **about(person), source=track.source, width=width, height=height
                )
                self._tell(event)

            clock = self._clock
            return VideoRecorder(dir, person.id, track, clock, events, config, sized)
        if track.source in SHARED:
            # what a tab plays is nobody's speech: it is kept, and not captioned
            events = replace(
                events,
                began=lambda: None,
                ended=lambda: None,
                pcm=lambda chunk: _hand(self._shared_sinks, person.id, chunk),
                compared=lambda written, heard: None,
            )
        timeout = config.leave_timeout
        return TrackRecorder(dir, person.id, track, self._clock, events, timeout)


def _hand(sinks: list[PCMSink], participant_id: str, chunk: PCMChunk) -> None:
    for sink in list(sinks):
        sink(participant_id, chunk)
