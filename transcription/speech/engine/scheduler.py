"""The threads that work for the model: pick, call, give out.

A model that runs on the CPU has a few workers, so that looks at one person follow each
other at half the time that a call takes; a GPU has one, whose calls are batches.

Finals go first in, first out, and take at most every second call while partials wait.
Partials have one slot per stream, and what is decoded is whatever is newest when the
model is free. Recorded sound fills what is left. Nothing waits for a batch to fill.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic, sleep
from typing import NamedTuple

from transcription.speech.audio.features import BUCKETS, FRAMES_PER_SECOND, TAIL, bucket
from transcription.speech.engine import batching, work
from transcription.speech.engine.batching import Costs, Pace
from transcription.speech.engine.stats import Counts
from transcription.speech.engine.streams import Stream, WorkBoard
from transcription.speech.engine.work import EngineJob, LiveJob, RecordedJob
from transcription.speech.model.context import RulesFor
from transcription.speech.model.faults import Fault, fault
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Decoded

logger = logging.getLogger(__name__)

AGAIN = 0.1  # s until the next try when choosing a call failed
STARVED = 1.0  # s after which recorded sound gets one small call between live ones


class EngineStopped(RuntimeError):
    """The engine was stopped before it was through; the work can be done by another."""


class Successor(NamedTuple):
    """A model that takes over before the next call."""

    whisper: Whisper
    costs: Costs
    taken: Event


class Scheduler:
    """Work for one model. ``serve`` is a thread; all else may be called by others."""

    def __init__(
        self,
        board: WorkBoard,
        rules_for: RulesFor,
        fall_back: Callable[[Exception], tuple[Whisper, Costs] | None],
        beams: tuple[int, int],
    ) -> None:
        self.board = board
        self.costs = Costs()  # of live calls
        self.recorded_costs = Costs()
        self.pace = Pace()
        self.counts = Counts()
        self.recorded: deque[RecordedJob] = deque()
        self.whisper: Whisper | None = None
        self.rules_for = rules_for
        self.most = batching.LARGEST  # items of a call, less when memory is short
        self.problem = ""
        self._fall_back = fall_back
        self._live_beam, self._recorded_beam = beams
        self._successor: Successor | None = None
        self._finals_had_their_turn = False
        self._concluding: set[Stream] = set()  # a final of theirs is being decoded
        self._recorded_at = 0.0  # when recorded sound had its last call
        self._recording = 0  # workers with recorded sound
        self._stopping = False

    def take_over(self, whisper: Whisper, costs: Costs) -> Event:
        """Use another model from the next call on; the event says that it does.

        ``costs`` are what its live calls took so far.
        """
        with self.board.changed:
            # who waits for one that is passed over waits for this one
            taken = self._successor.taken if self._successor else Event()
            self._successor = Successor(whisper, costs, taken)
            if self._stopping:
                self._succeed()
            self.board.changed.notify_all()
        return taken

    def add(self, job: RecordedJob) -> None:
        """Queue recorded sound."""
        with self.board.changed:
            self.recorded.append(job)
            self.board.changed.notify_all()
        if self._stopping:
            self._refuse()

    def withdraw(self, batch: Sequence[RecordedJob]) -> None:
        """Take recorded sound back out of the queue."""
        with self.board.changed:
            self.recorded = deque(job for job in self.recorded if job not in batch)

    def stop(self) -> None:
        """Let ``serve`` return after the call that is running."""
        with self.board.changed:
            self._stopping = True
            self.board.changed.notify_all()

    def serve(self, worker: int = 0) -> None:
        """Work until stopped, as the n-th of the model's workers."""
        while batch := self._next(worker):
            try:
                unknown = [job for job in batch if not self._deliver_known(job)]
                if unknown:
                    self._call(unknown)
            except Exception as error:  # a worker that dies is gone for good
                logger.exception("A call could not be made")
                for job in batch:  # nobody waits for what does not come
                    if isinstance(job, RecordedJob) and not job.result.done():
                        job.fail(error)
            finally:
                self._settle(batch)
        self._succeed()
        self._refuse()

    def _refuse(self) -> None:
        while self.recorded:
            self.recorded.popleft().fail(EngineStopped("The engine was stopped"))

    def _deliver_known(self, job: EngineJob) -> bool:
        line = job.known if isinstance(job, LiveJob) else None
        if line:
            self._deliver(job, line)
        return line is not None

    def _call(self, batch: Sequence[EngineJob]) -> None:
        """One call of the model; what fails in a batch is tried again alone."""
        begun = monotonic()
        try:
            lines = self._decode(batch)
        except Exception as error:
            self._recover(batch, error)
            return
        finally:
            if isinstance(batch[0], RecordedJob):
                self._recorded_at = monotonic()
        self._note(batch, monotonic() - begun)
        for job, line in zip(batch, lines, strict=True):
            self._deliver(job, line)

    def _decode(self, batch: Sequence[EngineJob]) -> list[Decoded]:
        whisper = self.whisper
        assert whisper, "the model comes before the work"
        live = isinstance(batch[0], LiveJob)
        length = _length(whisper, batch)
        windows = [job.window(whisper.bank, length) for job in batch]
        with self.board.changed:
            self.counts.hear(sum(window.seconds for window in windows), live)
        return whisper.decode(windows, self._live_beam if live else self._recorded_beam)

    def _deliver(self, job: EngineJob, line: Decoded) -> None:
        try:
            job.deliver(line)
        except Exception:
            logger.exception("A result could not be used")
            with self.board.changed:
                self.counts.failures += 1

    def _recover(self, batch: Sequence[EngineJob], error: Exception) -> None:
        logger.warning("A call with %d items failed: %s", len(batch), error)
        with self.board.changed:
            self.counts.failures += 1
        kind = fault(error)
        if kind is Fault.MEMORY and len(batch) > 1:
            self._call_less(batch)
        elif kind is not Fault.ITEM and (successor := self._fall_back(error)):
            self._use(*successor)
            self._call(batch)
        elif len(batch) > 1:
            for job in batch:
                self._call([job])
        else:
            self._give_up(batch[0], error)

    def _call_less(self, batch: Sequence[EngineJob]) -> None:
        """Make calls half as large, from now on."""
        self.most = half = -(-len(batch) // 2)
        self.problem = f"Memory is short: calls of at most {half} windows"
        logger.warning(self.problem)
        self._call(batch[:half])
        self._call(batch[half:])

    def _give_up(self, job: EngineJob, error: Exception) -> None:
        try:
            job.fail(error)
        except Exception:
            logger.exception("A failed item could not be given up")

    def _note(self, batch: Sequence[EngineJob], seconds: float) -> None:
        live, whisper = isinstance(batch[0], LiveJob), self.whisper
        assert whisper, "the model comes before the work"
        with self.board.changed:
            costs = self.costs if live else self.recorded_costs
            costs.learn(_length(whisper, batch), len(batch), seconds)
            # Recorded sound fills every gap: no reason to look at people less often.
            self.pace.note(seconds / whisper.workers if live else 0.0, monotonic())
            self.counts.calls += 1
            self.counts.items += len(batch)
            self.counts.busy += seconds

    def _next(self, worker: int) -> list[EngineJob]:
        """What to do next, whatever goes wrong in looking for it."""
        while True:
            try:
                return self._wait(worker)
            except Exception:  # a worker that dies is gone for good
                logger.exception("The next call could not be chosen")
                with self.board.changed:
                    self.counts.failures += 1
                sleep(AGAIN)

    def _wait(self, worker: int) -> list[EngineJob]:
        """The next call's items; empty when it is time to stop."""
        with self.board.changed:
            while not self._stopping:
                self._succeed()
                idle = self.whisper and worker < self.whisper.workers
                if idle and (batch := self._pick()):
                    return batch
                self.board.changed.wait(1.0)
        return []

    def _settle(self, batch: Sequence[EngineJob]) -> None:
        """Let the next finals of these people come."""
        with self.board.changed:
            if isinstance(batch[0], RecordedJob):
                self._recording -= 1
            for job in batch:
                if isinstance(job, LiveJob) and job.final:
                    self._concluding.discard(job.stream)
            self.board.changed.notify_all()

    def _succeed(self) -> None:
        if self._successor:
            whisper, costs, taken = self._successor
            self._successor = None
            self._use(whisper, costs)
            taken.set()

    def _use(self, whisper: Whisper, costs: Costs) -> None:
        self.whisper, self.most, self.problem = whisper, batching.LARGEST, ""
        self.costs, self.recorded_costs = costs, Costs()

    def _pick(self) -> list[EngineJob]:
        """The next call's items; empty when there is nothing to do."""
        now = monotonic()
        self.pace.note(0.0, now)
        starved = bool(self.recorded) and now - self._recorded_at > STARVED
        live = self._live(now)
        if live and not (starved and self._may_record()):
            chosen = batching.batch(
                live, self.costs, batching.LIVE_BUDGET, self.most, self._shortest()
            )
            self._take(chosen)
            return list(chosen)
        return list(self._recorded())

    def _live(self, now: float) -> list[LiveJob]:
        """Live work, most urgent first."""
        slide = work.SLIDE if self._slow() else work.SLIDE_LATE
        period, whole = self._period(), self._whole()
        due = (
            work.partial(stream, period, self.rules_for, slide, whole)
            for stream in self.board.streams
        )
        partials = sorted(
            (job for job in due if job), key=lambda job: job.waiting_since
        )
        finals = [
            work.last(final, self.rules_for, whole)
            for final in self.board.first_finals()
            if final.stream not in self._concluding
            and final.utterance.drafting
            != final.utterance.speech_end  # it comes by itself
        ]
        if known := [job for job in finals if job.known]:
            return known
        if finals and now - self.board.finals[0].since > batching.LATE:
            self.counts.shed += len(partials)
            return finals
        if self._finals_had_their_turn and partials:
            return partials + finals
        return finals + partials

    def _may_record(self) -> bool:
        """Whether a worker is left for people who speak when recorded sound has one."""
        workers = self.whisper.workers if self.whisper else 1
        return self._recording < max(workers - 1, 1)

    def _shortest(self) -> int:
        return self.whisper.shortest if self.whisper else 0

    def _period(self) -> float:
        """Seconds of new sound that make a look worth a call.

        Where one call takes longer than people may wait for, its workers look one after
        the other, as often as they can; otherwise the pace follows the load.
        """
        if not self._slow():
            return self.pace.period
        workers = self.whisper.workers if self.whisper else 1
        call = self.costs.estimate(self._shortest(), 1)
        return max(call / workers, batching.PERIODS[0])

    def _whole(self) -> float:
        """Seconds of an utterance that can be decoded whole while people wait."""
        least = max(self._shortest(), BUCKETS[0])
        frame = self.costs.estimate(least, 1) / least  # more words in more sound
        quick = (
            size
            for size in BUCKETS
            if max(self.costs.estimate(size, 1), frame * size) <= batching.FINAL_BUDGET
        )
        return (max(quick, default=least) - TAIL) / FRAMES_PER_SECOND

    def _slow(self) -> bool:
        """Whether one call takes longer than a call may that people wait for."""
        return self.costs.estimate(self._shortest(), 1) > batching.LIVE_BUDGET

    def _take(self, chosen: Sequence[LiveJob]) -> None:
        self._finals_had_their_turn = chosen[0].final is not None
        for job in chosen:
            if job.final:
                self.board.finals.remove(job.final)
                self._concluding.add(job.stream)
            else:
                job.claim()

    def _recorded(self) -> list[RecordedJob]:
        live = bool(self.board.streams)
        # Calls of recorded sound are long: the others are for people who speak.
        if not self.recorded or (live and not self._may_record()):
            return []
        budget = batching.LIVE_BUDGET if live else batching.IDLE_BUDGET
        unknown = not self.recorded_costs.known
        most = 1 if live and unknown else self.most  # the first call tells how long
        least = self.whisper.shortest_recorded if self.whisper else 0
        chosen = batching.batch(
            list(self.recorded), self.recorded_costs, budget, most, least
        )
        for job in chosen:
            self.recorded.remove(job)
        self._recording += 1
        return chosen


def _length(whisper: Whisper, batch: Sequence[EngineJob]) -> int:
    """The encoder length of a call."""
    live = isinstance(batch[0], LiveJob)
    least = whisper.shortest if live else whisper.shortest_recorded
    return bucket(max(job.frames for job in batch), least)
