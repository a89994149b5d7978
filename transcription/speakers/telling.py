"""Who spoke on a track that several people share: the job, and what is asked of it."""

from pathlib import Path

import structlog

from meetings import jobs
from meetings.models import Job, Meeting, Participant, Track
from meetings.models.names import one_line
from transcription.models import SharedTrack, Utterance
from transcription.speakers import voices
from transcription.speakers.laying import lay, lines_of
from transcription.speakers.people import NAMED
from transcription.speech.speakers.cues import (
    NamedTranscript,
    SpokenCue,
    UnreadableTranscript,
)
from transcription.speech.speakers.naming import HeardWord, name_words
from transcription.speech.speakers.reading import read

log = structlog.get_logger(__name__)

KIND = "speakers"
LABEL = "Telling who spoke"
NOT_SHARED = (
    "Everybody in this call has a track of their own: their names are known already."
)
NO_WORDS = "came without words to compare with: none were heard in this call."


class TranscriptRefused(Exception):
    """The message is a sentence for people."""


def seat_of(meeting: Meeting) -> Participant | None:
    """Whose track several people may share: that of a recording with one track."""
    tracks = Track.objects.filter(participant__meeting=meeting).readable().sound()
    seats = {track.participant_id for track in tracks}
    imported = all(track.source == Track.Source.IMPORT for track in tracks)
    if len(seats) != 1 or not imported:
        return None
    return Participant.objects.select_related("meeting").get(pk=seats.pop())


def begin(writer: Job) -> None:
    """The words of a call were written, or written anew, by ``writer``."""
    if seat_of(writer.meeting):
        jobs.request(KIND, writer.meeting, after=writer.pk)


def shared_track(meeting: Meeting) -> SharedTrack | None:
    seat = seat_of(meeting)
    if seat is None:
        return None
    return SharedTrack.objects.get_or_create(seat=seat)[0]


# -- what people ask for


def add_transcript(meeting: Meeting, data: bytes, name: str) -> None:
    """Names and times out of a transcript, to be laid over our words.

    Its words wait until they were compared with ours, and are gone then. Raises
    TranscriptRefused.
    """
    shared = shared_track(meeting)
    if shared is None:
        raise TranscriptRefused(NOT_SHARED)
    name = one_line(name)[:100] or "The file"
    try:
        told = read(data)
    except UnreadableTranscript as error:
        raise TranscriptRefused(f"{name} {error}") from error
    sides = {NAMED + who: side for who, side in told.sides.items()}
    shared.cues = {"file": name, "cues": list(told.cues), "sides": sides}
    shared.problem = ""
    shared.save(update_fields=["cues", "problem"])
    jobs.request(KIND, meeting)


def hear_of(meeting_id: int, path: Path, name: str) -> None:
    """Listens to ``taps.transcript_came``: what is wrong is told on the call's page."""
    meeting = Meeting.objects.get(pk=meeting_id)
    try:
        add_transcript(meeting, path.read_bytes(), name)
    except TranscriptRefused as refused:
        if shared := shared_track(meeting):
            shared.problem = str(refused)[:300]
            shared.save(update_fields=["problem"])


def take_transcript_back(shared: SharedTrack) -> None:
    """Everybody is who they would be without it: by their voices, or nobody."""
    shared.transcript, shared.told, shared.problem = "", "", ""
    shared.cues, shared.named_turns = {}, None
    shared.save()
    lay(shared)
    if _voices_are_wanted(shared):
        jobs.request(KIND, shared.seat.meeting)


def tell_by_voice(shared: SharedTrack, on: bool, count: int | None = None) -> None:
    """``count``: how many people speak, if somebody knows."""
    shared.by_voice, shared.count = on, count
    shared.save(update_fields=["by_voice", "count"])
    lay(shared)
    if on:
        jobs.request(KIND, shared.seat.meeting)


# -- the job


def run(job: Job, progress: jobs.Progress) -> None:
    """May run again at any time."""
    shared = shared_track(job.meeting)
    if shared is None or _is_being_written(job):
        return  # the end of that work asks again
    if shared.cues:
        _read_names(shared)
    if _voices_are_wanted(shared):
        voices.listen(shared, progress)
    lay(shared)


def _voices_are_wanted(shared: SharedTrack) -> bool:
    heard = shared.voice_turns is not None and shared.heard_for == shared.count
    return shared.named_turns is None and shared.by_voice and not heard


def _is_being_written(job: Job) -> bool:
    writers = job.meeting.jobs.filter(kind="second_pass", state__in=Job.UNFINISHED)
    return writers.exclude(pk=job.payload.get("after")).exists()


def _read_names(shared: SharedTrack) -> None:
    """Lay the transcript that waits over the words; keep who and when of it alone."""
    name = shared.cues["file"]
    told = NamedTranscript(tuple(SpokenCue(*cue) for cue in shared.cues["cues"]))
    words = words_of(lines_of(shared))
    try:
        if not words:
            raise UnreadableTranscript(NO_WORDS)
        naming = name_words(told, words)
    except UnreadableTranscript as error:
        log.info("a transcript was refused", call=shared.seat.meeting.code)
        shared.problem = f"{name} {error}"[:300]
    else:
        shared.transcript, shared.problem = name, ""
        shared.told = naming.fitted.told if naming.fitted else ""
        shared.named_turns = turns_of(words, naming.names)
        for label, side in shared.cues["sides"].items():
            shared.people.setdefault(label, {})["side"] = side
    shared.cues = {}
    shared.save()


def words_of(lines: list[Utterance]) -> list[HeardWord]:
    """Of all lines, by time; a line without times for its words is one."""
    words = [
        HeardWord(text, start, end)
        for line in lines
        for text, start, end, *_ in (
            line.words or [(line.text, line.start_ms, line.end_ms)]
        )
    ]
    return sorted(words, key=lambda word: (word.start_ms, word.end_ms))


def turns_of(words: list[HeardWord], names: list[str]) -> list[list[object]]:
    """[[start_ms, end_ms, label]] of words of one name that follow each other."""
    turns: list[list[object]] = []
    for word, name in zip(words, names, strict=True):
        if turns and turns[-1][2] == NAMED + name:
            turns[-1][1] = max(int(str(turns[-1][1])), word.end_ms)
        else:
            turns.append([word.start_ms, word.end_ms, NAMED + name])
    return turns
