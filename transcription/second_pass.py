"""The second pass: recorded tracks heard again, whole utterances, beam search in doubt.

Each new line takes the place of the live line it covers most (same row, so that what
hangs on the line stays), and the page is told line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from meetings import jobs, taps
from meetings.events import announce
from meetings.media.pcm import Samples, read_pcm16k
from meetings.models import Job, Meeting
from meetings.recordings.finishing import speech_tracks
from transcription import hearing_again, recorded_echoes, rows
from transcription.live import live_captions
from transcription.models import Removal, Utterance, UtteranceQuerySet
from transcription.serving import recorded_model, server
from transcription.speakers import telling
from transcription.speech.engine.captions import HeardUtterance
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.scheduler import EngineStopped
from transcription.speech.model.catalogue import ModelError
from transcription.stretches import Sound, TouchingTracks, stretches
from transcription.tuning import snapshot

log = structlog.get_logger(__name__)

TOLD_LINES = 8  # changes per message to open pages
# Why is for the log: it may name folders of the server.
NO_MODEL = "There is no model yet: the transcript is written once one is here"
LAST_LINES = "The last lines of the call are still being written"
LAST_LINES_SECONDS = 30.0
NOT_HEARD_AGAIN = "second_pass"  # reason in the ledger


def begin(meeting_id: int) -> None:
    """Listens to ``taps.tracks_ready``."""
    jobs.request("second_pass", Meeting.objects.get(pk=meeting_id))


def run(job: Job, progress: jobs.Progress) -> None:
    """Every track of the meeting; may run again at any time, on any model. Raises
    JobInterrupted when the engine is stopped meanwhile, or somebody is deleted."""
    people = set(job.meeting.participants.values_list("pk", flat=True))
    try:
        _run(job, progress)
    except EngineStopped as stopped:
        raise jobs.JobInterrupted from stopped
    except IntegrityError:
        if people <= set(job.meeting.participants.values_list("pk", flat=True)):
            raise
        raise jobs.JobInterrupted from None  # what was being written is of nobody


def _run(job: Job, progress: jobs.Progress) -> None:
    try:
        with recorded_model.here().engine() as engine:
            _hear(job, progress, engine)
    except ModelError as error:
        log.error("a transcript waits for a model", reason=str(error))
        raise jobs.JobWaits(NO_MODEL) from error


def _hear(job: Job, progress: jobs.Progress, engine: Engine) -> None:
    if not live_captions.current().conclude(job.meeting.pk, LAST_LINES_SECONDS):
        raise jobs.JobWaits(
            LAST_LINES
        )  # a live line behind it would stay beside its own
    hearing_again.keep_lines(job)
    sounds = stretches(speech_tracks(job.meeting))
    loudness = recorded_echoes.loudness_for(job.meeting)
    total = sum(sound.duration_ms for sound in sounds) or 1
    before = 0
    for sound in sounds:

        def report(share: float, sound: Sound = sound, before: int = before) -> None:
            progress((before + share * sound.duration_ms) / total)

        hear_again(sound, report, engine, loudness)
        before += sound.duration_ms
    recorded_echoes.take_out(job.meeting, loudness)
    telling.begin(job)
    taps.transcript_changed.publish(job.meeting.pk)
    hearing_again.advance(ended=job.pk)


def hear_again(
    sound: Sound,
    report: jobs.Progress,
    engine: Engine,
    loudness: recorded_echoes.Tracks | None = None,
) -> None:
    """Write the lines of a track, or of several that touch; `loudness` takes how loud
    they are."""
    lines = Replacement(sound)
    speaker = sound.participant
    heard = recorded_model.here().giving_way(engine, _samples(sound))
    engine.transcribe(
        recorded_echoes.measured(sound, heard, loudness or {}),
        language=live_captions.language_of(speaker),
        allowed=snapshot.current().allowed,
        on_utterance=lines.take,
        on_progress=report,
        duration=sound.duration_ms / 1000,
    )
    lines.finish()


def live_engine() -> Engine:
    """That of captions, once there is a model: the job waits for it. Raises
    JobWaits."""
    try:
        return server.here().ensure()
    except ModelError as error:
        log.warning("a transcript waits for a model", reason=str(error))
        raise jobs.JobWaits(NO_MODEL) from error


def _samples(sound: Sound) -> Iterator[Samples]:
    if isinstance(sound, TouchingTracks):
        yield from sound.samples()
        return
    for _, samples in read_pcm16k(sound.path):
        yield samples


@dataclass
class Replacement:
    """Puts a track's new lines in the place of its old ones, in order of time."""

    track: Sound
    old: list[Utterance] = field(default_factory=list)
    kept: list[Utterance] = field(default_factory=list)  # a person's word counts
    _new: list[tuple[int, int]] = field(default_factory=list)
    _changed: list[int] = field(default_factory=list)
    _removed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        lines = self._rows()
        self.kept = list(lines.vouched_for())
        self.old = list(lines.exclude(pk__in=[row.pk for row in self.kept]))

    def _rows(self) -> UtteranceQuerySet:
        """The lines of this track: those that lie in it by more than half."""
        begin, end = self.track.offset_ms, self.track.end_ms
        lines = Utterance.objects.heard_from(self.track.participant)
        twice_middle = F("start_ms") + F("end_ms")
        return lines.annotate(twice_middle=twice_middle).filter(
            twice_middle__gte=2 * begin, twice_middle__lt=2 * max(end, begin + 1)
        )

    def _late(self) -> list[Utterance]:
        """Live lines that came since this began: another process wrote them."""
        known = [row.pk for row in [*self.kept, *self.old]]
        live = self._rows().filter(transcript_pass=Utterance.Pass.LIVE)
        return list(live.exclude(pk__in=known))

    @transaction.atomic
    def take(self, heard: HeardUtterance) -> None:
        start = rows.ms(heard.start) + self.track.offset_ms
        end = rows.ms(heard.end) + self.track.offset_ms
        self._heed([row for row in self.old if row.start_ms < end])
        self._give_up([row for row in self.old if row.end_ms <= start])
        if self._is_kept(start, end):
            return
        speaker = self.track.participant
        row = None
        if heard.text.strip():
            row = self._row_for(start, end)
            row.start_ms, row.end_ms = start, end
            row.text, row.raw = heard.text.strip(), heard.raw.strip()
            row.words = rows.words_as_json(heard.words, self.track.offset_ms)
            row.voice = rows.voice_as_json(heard.voice, self.track.offset_ms)
            row.language, row.confidence = heard.language, heard.confidence
            row.transcript_pass, row.model = Utterance.Pass.FINAL, heard.model
            row.save()
            self._changed.append(row.pk)
            self._new.append((start, end))
        rows.save_removals(heard.removals, speaker, row, self.track.offset_ms)
        if len(self._changed) >= TOLD_LINES:
            transaction.on_commit(self._tell)

    def _heed(self, lines: list[Utterance]) -> None:
        """What somebody corrected since this began stays; nobody corrects these lines
        until they are written."""
        if not lines:
            return
        near = Utterance.objects.filter(pk__in=[row.pk for row in lines])
        list(near.select_for_update().values_list("pk"))
        corrected = {row.pk: row for row in near.vouched_for()}
        self.kept += corrected.values()
        self.old = [row for row in self.old if row.pk not in corrected]

    def _is_kept(self, start: int, end: int) -> bool:
        """Whether most of a new line is a line to which somebody gave its text back."""
        shared = (min(end, r.end_ms) - max(start, r.start_ms) for r in self.kept)
        return 2 * max(shared, default=0) > end - start

    def _row_for(self, start: int, end: int) -> Utterance:
        """The old line that the new one covers most, or a new row."""
        shared = [
            (min(end, row.end_ms) - max(start, row.start_ms), -n, row)
            for n, row in enumerate(self.old)
        ]
        best = max(shared, default=(0, 0, None), key=lambda entry: entry[:2])
        if best[2] is None or best[0] <= 0:
            speaker = self.track.participant
            return Utterance(meeting_id=speaker.meeting_id, participant=speaker)
        self.old.remove(best[2])
        return best[2]

    def _give_up(self, lines: list[Utterance]) -> None:
        """Old lines without a successor go; words that nothing replaced are kept in
        the ledger."""
        for row in lines:
            self.old.remove(row)
            if not self._covered(row):
                Removal.objects.create(
                    meeting_id=row.meeting_id,
                    participant_id=row.participant_id,
                    raw=row.text,
                    reason=NOT_HEARD_AGAIN,
                    start_ms=row.start_ms,
                    end_ms=row.end_ms,
                )
            self._removed.append(row.pk)
            row.delete()

    def _covered(self, row: Utterance) -> bool:
        return any(
            start < row.end_ms and end > row.start_ms for start, end in self._new
        )

    def finish(self) -> None:
        with transaction.atomic():
            self.old += self._late()
            self._heed(self.old)
            self._give_up(list(self.old))
        self._tell()

    def _tell(self) -> None:
        if not self._changed and not self._removed:
            return
        event = {"type": "lines", "changed": self._changed, "removed": self._removed}
        announce(self.track.participant.meeting_id, event)
        self._changed, self._removed = [], []
