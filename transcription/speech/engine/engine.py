"""The engine: one Whisper, one scheduler thread, any number of live streams."""

import logging
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

import numpy as np

from transcription.speech.audio import endpoint
from transcription.speech.audio.sound import SAMPLE_RATE, Samples
from transcription.speech.engine import recorded
from transcription.speech.engine.batching import Costs
from transcription.speech.engine.captions import Caption, HeardUtterance
from transcription.speech.engine.language import LanguageDetector
from transcription.speech.engine.scheduler import Scheduler
from transcription.speech.engine.stats import EngineStats
from transcription.speech.engine.streams import Stream, WorkBoard
from transcription.speech.filters import Rules
from transcription.speech.model import loading
from transcription.speech.model.catalogue import validate_folder
from transcription.speech.model.context import RulesFor
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import Whisper

logger = logging.getLogger(__name__)

_LOADING = "whisper-load"  # the thread that ends by itself
_LISTEN = 0.25  # s after which streams that have run dry are looked for
_STOP = 10.0  # s that the last finals may take when the engine is stopped

Ears = SimpleQueue[Stream | None]


class Engine:
    """Captions for live streams and transcripts of recordings with one model.

    ``ready`` is set when the model is loaded and warm. ``on_caption`` callbacks run on
    the engine's thread: they must hand over and return. The model of one that
    ``gives_way`` computes with what others of this machine leave of the CPU.
    """

    def __init__(
        self,
        model_path: str | PathLike[str],
        device: str = "auto",
        compute_type: str = "auto",
        cpu_threads: int | None = None,
        live_beam: int = 1,
        recorded_beam: int = 5,
        rules: endpoint.EndpointRules | None = None,
        rules_for: RulesFor = Rules,
        gives_way: bool = False,
    ) -> None:
        self.ready = Event()
        self._problem = ""
        self._lost = ""  # why the CPU serves in place of the GPU
        self._stranded = False  # the GPU failed, and the CPU could not take over
        self._path = Path(model_path)
        self._device = Device(device, compute_type, cpu_threads or 0, gives_way)
        self._rules = rules or endpoint.EndpointRules()
        self._board = WorkBoard()
        self._inbox: Ears = SimpleQueue()
        self._scheduler = Scheduler(
            self._board, rules_for, self._fall_back, (live_beam, recorded_beam)
        )
        self._threads: list[Thread] = []

    @property
    def problem(self) -> str:
        """Why there is no model, or not the one or the device that was asked for."""
        return self._problem or self._scheduler.problem

    @property
    def fallen(self) -> list[str]:
        """Names of the threads that ended though nobody asked them to."""
        lasting = [thread for thread in self._threads if thread.name != _LOADING]
        return [thread.name for thread in lasting if not thread.is_alive()]

    def start(self) -> None:
        """Load the model in the background. Raises ModelError for an unfit folder."""
        validate_folder(self._path)
        self._threads = [
            Thread(target=listen, args=(self._inbox, self._board), name="inbox"),
            Thread(target=self._load, name=_LOADING),
        ]
        self._threads += [
            Thread(target=self._scheduler.serve, args=(n,), name=f"whisper-{n}")
            for n in range(loading.WORKERS)
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self) -> None:
        """Close every stream, give out what is heard, stop the threads."""
        streams = list(self._board.streams)
        for stream in streams:
            stream.close()
        deadline = monotonic() + (_STOP if self.ready.is_set() else 0.0)
        for stream in streams:
            stream.closed.wait(max(deadline - monotonic(), 0.0))
        self._scheduler.stop()
        self._inbox.put(None)
        for thread in self._threads:
            thread.join(_STOP)
        for stream in streams:
            stream.closed.set()  # also one that was not done: nobody is left to speak
        self._threads = []
        self.ready.clear()

    def swap_model(self, path: str | PathLike[str]) -> None:
        """Load another model beside the old one, then take over between two calls.

        Blocks until it serves. Raises ModelError and keeps the old one when the folder
        is unfit.
        """
        costs = Costs()
        whisper = loading.load(Path(path), self._device, costs)
        self._scheduler.take_over(whisper, costs).wait()
        if whisper.device == "cpu" and self._device.at_hand().name == "cuda":
            self._lost = "The GPU does not serve, the log says why"
        self._path, self._problem, self._stranded = Path(path), self._lost, False
        self.ready.set()

    def open_stream(
        self,
        on_caption: Callable[[Caption], None],
        language: str | None = None,
        label: str = "",
        allowed: Sequence[str] = (),
    ) -> Stream:
        """Listen to one more person.

        Without a language it is detected on this person's first seconds of speech,
        among ``allowed`` when given, then kept. Raises ValueError for a code that
        Whisper does not know.
        """

        def count_and_say(caption: Caption) -> None:
            self._scheduler.counts.caption(caption)
            on_caption(caption)

        detector = LanguageDetector(language, allowed)
        stream = Stream(
            self._inbox, self._board, count_and_say, detector, label, self._rules
        )
        with self._board.changed:
            self._board.streams.append(stream)
        return stream

    def transcribe(
        self,
        samples: Samples | Iterable[Samples],
        language: str | None = None,
        on_utterance: Callable[[HeardUtterance], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        duration: float | None = None,
        allowed: Sequence[str] = (),
    ) -> list[HeardUtterance]:
        """Write down recorded sound (16 kHz mono) at low priority; blocks.

        ``duration`` in seconds lets ``on_progress`` (0 to 1) work for an iterator.
        Raises EngineStopped when the engine is stopped meanwhile.
        """
        if isinstance(samples, np.ndarray):
            duration = len(samples) / SAMPLE_RATE
        work = recorded.Transcription(
            self._scheduler, self._rules, LanguageDetector(language, allowed)
        )
        return recorded.transcribe(
            work, samples, duration, on_utterance, on_progress, should_stop
        )

    def stats(self) -> EngineStats:
        """The engine at this moment."""
        scheduler, counts = self._scheduler, self._scheduler.counts
        whisper = scheduler.whisper
        return EngineStats(
            model=whisper.name if whisper else "",
            device=whisper.device if whisper else "",
            compute_type=whisper.compute_type if whisper else "",
            streams=len(self._board.streams),
            finals_waiting=len(self._board.finals),
            recorded_waiting=len(scheduler.recorded),
            period=scheduler.pace.period,
            load=scheduler.pace.load,
            batch_limit=scheduler.most,
            calls=counts.calls,
            items=counts.items,
            partials=counts.partials,
            finals=counts.finals,
            failures=counts.failures,
            shed=counts.shed,
            removals=dict(counts.removals),
            busy=counts.busy,
            live_audio=counts.live_audio,
            recorded_audio=counts.recorded_audio,
            latency_p50_ms=counts.percentile(0.5),
            latency_p95_ms=counts.percentile(0.95),
            latencies=counts.histogram(),
            latency_sum=counts.latency_sum,
            problem=self.problem,
            degraded=bool(whisper and self.problem),
        )

    def _load(self) -> None:
        try:
            self.swap_model(self._path)
        except Exception as error:
            self._problem = str(error)
            logger.exception("No captions: the model cannot be loaded")

    def _fall_back(self, error: Exception) -> tuple[Whisper, Costs] | None:
        """The same model on the CPU, when the GPU is lost or full; for good."""
        whisper = self._scheduler.whisper
        if not whisper or whisper.device != "cuda" or self._stranded:
            return None
        self._problem = f"The GPU failed ({error}): captions are made on the CPU"
        logger.error(self._problem)
        device, costs = self._device.on_cpu(), Costs()
        try:
            successor = loading.load(self._path, device, costs)
        except Exception as reason:  # whatever it is, recording and the thread go on
            self._problem = f"The GPU failed ({error}) and the CPU cannot: {reason}"
            self._stranded = True
            logger.exception("The CPU cannot take over")
            return None
        self._device, self._lost = device, self._problem
        return successor, costs


def listen(inbox: Ears, board: WorkBoard) -> None:
    """Hear what comes in on all streams, until None."""
    checked = monotonic()
    while True:
        try:
            stream = inbox.get(timeout=_LISTEN)
            if stream is None:
                return
            stream.listen()
        except Empty:
            pass
        except Exception:
            logger.exception("Sound could not be heard")
        if monotonic() - checked >= _LISTEN:
            checked = monotonic()
            try:
                end_dry(board)
            except Exception:
                logger.exception("What had ended could not be ended")


def end_dry(board: WorkBoard) -> None:
    """End the utterances of streams that get no sound any more."""
    now = monotonic()
    for stream in [stream for stream in board.streams if stream.dry(now)]:
        stream.run_dry()
