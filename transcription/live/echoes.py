"""Echoes in live captions: a call that somebody records from another tab is often heard
by their microphone as well. Its words stay on the louder track."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from meetings.media.pcm import PCMChunk
from transcription.live.session import Introduction
from transcription.speech.audio.loudness import LoudnessTrack
from transcription.speech.engine.captions import Caption, Word
from transcription.speech.filters.draft import Cleaned, Draft
from transcription.speech.filters.echo import OtherTrack, voice_left, without_echo
from transcription.tuning import snapshot

REMEMBERED = 60.0  # s of sound and lines: the twin of a line may be final much later

Line = tuple[Introduction, Caption]


@dataclass
class _Call:
    """What is remembered of a call with a tab; `tabs`: participants."""

    tabs: set[int] = field(default_factory=set)
    tracks: dict[int, LoudnessTrack] = field(default_factory=dict)
    finals: deque[Line] = field(default_factory=deque)

    def track(self, participant_id: int) -> LoudnessTrack:
        if participant_id not in self.tracks:
            self.tracks[participant_id] = LoudnessTrack(REMEMBERED)
        return self.tracks[participant_id]

    def opposite(self, participant_id: int) -> list[Line]:
        """The lines of the tabs for a microphone, and the other way round."""
        is_tab = participant_id in self.tabs
        return [
            line
            for line in self.finals
            if (line[0].speaker.pk in self.tabs) is not is_tab
        ]


class EchoGuard:
    """Of all calls of this process; any thread."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._lock = threading.Lock()

    def begin(self, meeting_id: int, participant_id: int) -> None:
        """This person is the sound of a tab: from now on echoes are looked for."""
        with self._lock:
            self._calls.setdefault(meeting_id, _Call()).tabs.add(participant_id)

    def forget(self, meeting_id: int) -> None:
        with self._lock:
            self._calls.pop(meeting_id, None)

    def hear(self, meeting_id: int, participant_id: int, chunk: PCMChunk) -> None:
        """Sound of anybody, as it is captioned."""
        if meeting_id not in self._calls:
            return
        with self._lock:
            if call := self._calls.get(meeting_id):
                track = call.track(participant_id)
                track.hear(chunk.t / 1000, chunk.samples)

    def judge(self, known: Introduction, caption: Caption) -> list[Line]:
        """What is to be said for a caption: it, perhaps with less text, and earlier
        lines that it shows to be echoes."""
        call = self._calls.get(known.speaker.meeting_id)
        if call is None or not caption.final or not caption.words:
            return [(known, caption)]
        with self._lock:
            return self._judged(call, known, caption)

    def _judged(self, call: _Call, known: Introduction, caption: Caption) -> list[Line]:
        line = (known, caption)
        others = _near(caption, call.opposite(known.speaker.pk))
        own = _without(call, line, others) or line
        changed = [new for other in others if (new := _without(call, other, [own]))]
        changed = [(who, replace(new, rev=new.rev + 1)) for who, new in changed]
        ids = {new.utterance_id for _, new in changed}
        kept = [old for old in call.finals if old[1].utterance_id not in ids]
        kept = [old for old in kept if old[1].end > caption.end - REMEMBERED]
        call.finals = deque([*kept, *changed, own])
        return [own, *changed]


def _near(caption: Caption, lines: Sequence[Line]) -> list[Line]:
    return [
        line
        for line in lines
        if line[1].start < caption.end + 1 and line[1].end > caption.start - 1
    ]


def _without(call: _Call, line: Line, others: Sequence[Line]) -> Line | None:
    """A line without the echo of others; None when there is none in it.

    Others are of one side, but perhaps of two people: each is compared by itself.
    """
    known, caption = line
    people = {who.speaker.pk for who, _ in others}
    draft = Draft(caption.stable.strip(), caption.words)
    removals = caption.removals
    for person in sorted(people):
        cleaned = _cleaned(call, line, draft, person, others)
        draft = Draft(cleaned.text, cleaned.words)
        removals += cleaned.removals
    if removals == caption.removals:
        return None
    gone = removals[len(caption.removals) :]
    changed = {
        "stable": draft.text,
        "words": draft.words,
        "removals": removals,
        "voice": voice_left(caption.voice, gone),
    }
    return known, replace(caption, **changed)  # type: ignore[arg-type]


def _cleaned(
    call: _Call, line: Line, draft: Draft, person: int, others: Sequence[Line]
) -> Cleaned:
    words: list[Word] = [
        word for who, one in others if who.speaker.pk == person for word in one.words
    ]
    words.sort(key=lambda word: word.start)
    heard = OtherTrack(words, call.track(person).over)
    known, caption = line
    here = call.track(known.speaker.pk).over
    return without_echo(draft, here, heard, snapshot.rules_for(caption.language))
