"""A call's rows as a timeline: lines, words and voice of each person."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from dashboard.call.lanes import gaps_of
from dashboard.stats.sentences import is_whole, split, tokens
from dashboard.stats.timeline import (
    PAUSE_MS,
    CallTimeline,
    Sentence,
    Side,
    Speaker,
    TimedWord,
)
from meetings.media.spans import Span, joined
from meetings.models import Meeting, Participant, Track
from meetings.recordings.round_trips import round_trips_of
from transcription.models import Utterance
from transcription.tuning.listening import Listening, listening
from transcription.words import places

GOES_ON_MS = 2_000  # an open sentence is over when nothing follows for so long


def timeline_of(meeting: Meeting) -> CallTimeline:
    """Everybody who spoke or was recorded; four queries and those of the gaps."""
    lines: dict[int, list[Utterance]] = defaultdict(list)
    for line in Utterance.objects.filter(meeting=meeting):
        lines[line.participant_id].append(line)
    gaps = gaps_of(meeting)
    sound = Track.objects.filter(participant__meeting=meeting).readable().sound()
    recorded: dict[int, int] = defaultdict(int)
    for track in sound:
        recorded[track.participant_id] += track.duration_ms
    lists, late = listening(), round_trips_of(meeting)
    speakers = [
        replace(
            _speaker(person, lines[person.pk], gaps[person.pk], recorded[person.pk]),
            round_trips=late.get(person.pk, ()),
        )
        for person in meeting.people
        if person.is_recorded
    ]
    speakers = [_with_lists(speaker, lists) for speaker in speakers]
    ends = [line.end_ms for said in lines.values() for line in said]
    alone = sum(track.source == Track.Source.IMPORT for track in sound) == 1
    return CallTimeline(speakers, max([meeting.duration_ms, *ends]), mixed=alone)


def _speaker(
    person: Participant, lines: Sequence[Utterance], gaps: Sequence[Span], recorded: int
) -> Speaker:
    languages = [line.language for line in lines if line.language]
    sides: dict[str, Side] = {Participant.Side.US: "us", Participant.Side.THEM: "them"}
    return Speaker(
        id=person.pk,
        name=person.name,
        side=sides.get(person.side, ""),
        speech=joined((span for line in lines for span in voice(line)), PAUSE_MS),
        words=[word for line in lines for word in words(line)],
        sentences=list(sentences(lines)),
        gaps=gaps,
        recorded_ms=recorded,
        language=max(set(languages), key=languages.count, default=person.language),
    )


def _with_lists(speaker: Speaker, lists: Mapping[str, Listening]) -> Speaker:
    known = lists.get(speaker.language, Listening())
    return replace(speaker, fillers=known.fillers, backchannels=known.backchannels)


def voice(line: Utterance) -> list[Span]:
    """Where the VAD heard the line; of older lines, where their words are."""
    if line.voice:
        return [(start, end) for start, end in line.voice]
    said = joined(((start, end) for _, start, end, *_ in line.words), PAUSE_MS)
    return said or [(line.start_ms, line.end_ms)]


def words(line: Utterance) -> Iterator[TimedWord]:
    """What one counts as words, each at the time of the word it begins in."""
    timed = _places(line)
    for found in tokens(line.text):
        _, start, end = timed[_at(timed, found.start())]
        yield TimedWord(found[0], start, end)


def sentences(lines: Sequence[Utterance]) -> Iterator[Sentence]:
    """One person's; what a line leaves open goes on in the next one."""
    open_: Sentence | None = None
    for line in lines:
        if open_ and line.start_ms - open_.end_ms >= GOES_ON_MS:
            yield open_
            open_ = None
        for sentence in _sentences(line):
            if open_:
                text = f"{open_.text} {sentence.text}"
                sentence = replace(sentence, text=text, start_ms=open_.start_ms)
            open_ = None if is_whole(sentence.text) else sentence
            if open_ is None:
                yield sentence
    if open_:
        yield open_


def _sentences(line: Utterance) -> Iterator[Sentence]:
    timed = _places(line)
    for begin, end in split(line.text):
        _, start_ms, _ = timed[_at(timed, begin)]
        _, _, end_ms = timed[_at(timed, end - 1)]
        yield Sentence(line.text[begin:end], start_ms, end_ms, line.language)


def _places(line: Utterance) -> list[tuple[int, int, int]]:
    """(position in the text, start, end) of each timed word; of a line without any,
    the whole line."""
    found = [(w.at, w.start_ms, w.end_ms) for w in places(line.text, line.words)]
    return found or [(0, line.start_ms, line.end_ms)]


def _at(timed: Sequence[tuple[int, int, int]], position: int) -> int:
    return max(0, bisect_right(timed, position, key=itemgetter(0)) - 1)
