"""Who spoke when by the voices of a shared track, as turns without names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meetings import jobs
from meetings.media.pcm import Samples, read_pcm16k
from meetings.models import Track
from meetings.recordings import giving_way
from meetings.recordings.finishing import speech_tracks
from transcription.models import SharedTrack
from transcription.speakers.people import VOICE
from transcription.speakers.pieces import Turn
from transcription.speech.speakers.apart import VoiceTurn, tell_apart

OTHERS_FIRST = "Quicker work goes first"


def listen(shared: SharedTrack, progress: jobs.Progress) -> None:
    """Note the turns of a track: none where one person speaks. Raises JobWaits."""
    if giving_way.others_wait():
        raise jobs.JobWaits(OTHERS_FIRST)
    tracks = [t for t in speech_tracks(shared.seat.meeting) if t.is_speech]
    found: list[VoiceTurn] = []
    if len(tracks) == 1:
        found = tell_apart(_Sound(tracks[0]), shared.count, progress)
    turns = _labelled(found, tracks[0].offset_ms if tracks else 0)
    shared.voice_turns = renamed(turns, shared.voice_turns or [])
    shared.heard_for = shared.count
    shared.save(update_fields=["voice_turns", "heard_for"])


@dataclass(frozen=True)
class _Sound:
    """The samples of a track, from its beginning each time."""

    track: Track

    def __call__(self) -> Iterator[Samples]:
        for _, samples in read_pcm16k(self.track.path):
            yield samples


def _labelled(found: Sequence[VoiceTurn], offset_ms: int) -> list[Turn]:
    if len({turn.voice for turn in found}) < 2:
        return []
    return [
        (
            round(turn.start * 1000) + offset_ms,
            round(turn.end * 1000) + offset_ms,
            f"{VOICE}{turn.voice}",
        )
        for turn in found
    ]


def renamed(turns: Sequence[Turn], before: Sequence[Turn]) -> list[Turn]:
    """Turns whose voices have the labels that they had before, where they are those
    voices: somebody may have said who that is."""
    shared: Counter[tuple[str, str]] = Counter()
    for start, end, label in turns:
        for from_, to, old in before:
            if (both := min(end, to) - max(start, from_)) > 0:
                shared[label, old] += both
    names: dict[str, str] = {}
    for (label, old), _ in shared.most_common():
        if label not in names and old not in names.values():
            names[label] = old
    free = (f"{VOICE}{n}" for n in range(1, len(turns) + len(before) + 2))
    for label in dict.fromkeys(label for _, _, label in turns):
        if label not in names:
            names[label] = next(name for name in free if name not in names.values())
    return [(start, end, names[label]) for start, end, label in turns]
