"""Echoes in the transcript of a call that was recorded from another tab: what two
tracks have at the same time stays on the louder one, the other goes to the ledger."""

from collections.abc import Iterable, Iterator

from django.db import transaction

from meetings.events import announce
from meetings.media.pcm import PCM_RATE, Samples
from meetings.models import ConsentChoice, Meeting
from transcription import rows
from transcription.models import Utterance
from transcription.speech.audio.loudness import LoudnessTrack
from transcription.speech.engine.captions import FilteredText, Word
from transcription.speech.filters.draft import Cleaned, Draft
from transcription.speech.filters.echo import OtherTrack, voice_left, without_echo
from transcription.stretches import Sound
from transcription.tuning import snapshot

Tracks = dict[int, LoudnessTrack]  # by participant; empty: nobody asks


def loudness_for(meeting: Meeting) -> Tracks:
    """To be filled while a meeting is heard; empty where no tab was recorded."""
    if not _tabs(meeting):
        return {}
    people = meeting.participants.values_list("pk", flat=True)
    return {pk: LoudnessTrack() for pk in people}


def measured(
    sound: Sound, samples: Iterable[Samples], tracks: Tracks
) -> Iterator[Samples]:
    """The samples of a track as they are, and noted how loud they were."""
    track = tracks.get(sound.participant.pk)
    at = sound.offset_ms / 1000
    for part in samples:
        if track:
            track.hear(at, part)
        at += len(part) / PCM_RATE
        yield part


def take_out(meeting: Meeting, tracks: Tracks) -> None:
    """Clean the lines of a meeting whose tracks were all measured."""
    tabs = _tabs(meeting)
    if not (tracks and tabs):
        return
    changed: list[int] = []
    removed: list[int] = []
    for line in _lines(meeting):
        with transaction.atomic():
            now = Utterance.objects.filter(pk=line.pk)
            if not list(now.select_for_update().values_list("pk")):
                continue
            if now.vouched_for().exists():
                continue  # corrected since
            cleaned = _cleaned(line, tabs, tracks)
            if not cleaned.removals:
                continue
            (changed if cleaned.text else removed).append(line.pk)
            _keep(line, cleaned)
    if changed or removed:
        announce(meeting.pk, {"type": "lines", "changed": changed, "removed": removed})


def _tabs(meeting: Meeting) -> set[int]:
    told = meeting.participants.filter(consent_log__way=ConsentChoice.Way.TAB)
    return set(told.values_list("pk", flat=True))


def _lines(meeting: Meeting) -> list[Utterance]:
    """But for those that somebody corrected or gave their text back."""
    lines = Utterance.objects.filter(meeting=meeting).select_related("participant")
    return list(lines.exclude(pk__in=lines.vouched_for().values("pk")))


def _cleaned(line: Utterance, tabs: set[int], tracks: Tracks) -> Cleaned:
    """A line without what the other side has louder; by the rows as they are now, so
    that of two that are equal one stays."""
    draft, found = Draft(line.text, _words(line)), list[FilteredText]()
    near = Utterance.objects.filter(
        meeting_id=line.meeting_id,
        start_ms__lt=line.end_ms + 1000,
        end_ms__gt=line.start_ms - 1000,
    )
    others: dict[int, list[Word]] = {}
    for other in near.exclude(pk=line.pk):
        if (other.participant_id in tabs) is not (line.participant_id in tabs):
            others.setdefault(other.participant_id, []).extend(_words(other))
    for person, words in sorted(others.items()):
        if line.participant_id not in tracks or person not in tracks:
            continue
        heard = OtherTrack(sorted(words, key=lambda w: w.start), tracks[person].over)
        here = tracks[line.participant_id].over
        cleaned = without_echo(draft, here, heard, snapshot.rules_for(line.language))
        draft = Draft(cleaned.text, cleaned.words)
        found += cleaned.removals
    return Cleaned(draft.text, draft.words, tuple(found))


def _words(line: Utterance) -> tuple[Word, ...]:
    return tuple(
        Word(text, start / 1000, end / 1000, probability)
        for text, start, end, probability in line.words
    )


def _keep(line: Utterance, cleaned: Cleaned) -> None:
    if cleaned.text:
        line.text, line.words = cleaned.text, rows.words_as_json(cleaned.words)
        voice = tuple((start / 1000, end / 1000) for start, end in line.voice)
        line.voice = rows.voice_as_json(voice_left(voice, cleaned.removals))
        line.save(update_fields=["text", "words", "voice", "updated_at"])
        rows.save_removals(cleaned.removals, line.participant, line)
    else:
        rows.save_removals(cleaned.removals, line.participant, None)
        line.delete()
