"""Tracks that are heard as one: a sentence does not end where a line broke off."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meetings.media.egress.stems import together
from meetings.media.pcm import Samples
from meetings.models import Participant, Track
from meetings.recordings.finishing import file_of

TOUCH_MS = 200  # apart at most: what is lost in between is no pause


@dataclass(frozen=True)
class TouchingTracks:
    """Tracks of one person with what was handed in between them, on one clock."""

    tracks: tuple[Track, ...]

    @property
    def participant(self) -> Participant:
        return self.tracks[0].participant

    @property
    def offset_ms(self) -> int:
        return min(track.offset_ms for track in self.tracks)

    @property
    def end_ms(self) -> int:
        return max(track.end_ms for track in self.tracks)

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.offset_ms

    def samples(self) -> Iterator[Samples]:
        """int16 mono at 16 kHz, about a second at a time."""
        files = [file_of(track) for track in self.tracks]
        ours = [replace(f, offset_ms=f.offset_ms - self.offset_ms) for f in files]
        yield from together(ours, self.duration_ms)


Sound = Track | TouchingTracks


def stretches(tracks: Sequence[Track]) -> list[Sound]:
    """The tracks, those of one person that touch something handed in taken together;
    by their beginning."""
    people: dict[int, list[list[Track]]] = defaultdict(list)
    for track in sorted(tracks, key=lambda track: track.offset_ms):
        groups = people[track.participant_id]
        if groups and _belongs(track, groups[-1]):
            groups[-1].append(track)
        else:
            groups.append([track])
    sounds = [_sound(group) for groups in people.values() for group in groups]
    return sorted(sounds, key=lambda sound: sound.offset_ms)


def _belongs(track: Track, group: list[Track]) -> bool:
    near = [other for other in group if track.offset_ms - other.end_ms <= TOUCH_MS]
    return any(track.handed_in or other.handed_in for other in near)


def _sound(group: list[Track]) -> Sound:
    return group[0] if len(group) == 1 else TouchingTracks(tuple(group))
