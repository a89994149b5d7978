"""The model that hears recordings, where another one than the live one does.

It is loaded for the first recording, computes behind everything else, and is given up
when there was nothing to hear for a while. Live captions never wait for it: they have
an engine of their own, and on a GPU, which knows no priorities, it rests while people
talk.
"""

import ctypes
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from django.apps import apps
from django.conf import settings

from transcription.serving import choice, server
from transcription.speech.audio.sound import Samples
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.scheduler import EngineStopped
from transcription.speech.model.catalogue import ModelError

log = structlog.get_logger(__name__)

IDLE = 60.0  # s without a recording after which its memory is given back
REST = 0.5  # s between two looks at whether people talk, on a GPU


class RecordedModel:
    """The one of this process; used by one job at a time, in its thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._folder: Path | None = None
        self._timer: threading.Timer | None = None
        self._stopped = False

    def start(self) -> None:
        """Say at once what is wrong with a model that was named."""
        self._stopped = False
        if settings.RECORDED_MODEL != "auto":
            try:
                choice.recorded()
            except ModelError as error:
                log.error("RECORDED_MODEL cannot be had", reason=str(error))

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine for a recording. Raises ModelError, and EngineStopped once this
        process is about to end."""
        chosen = choice.recorded()
        if self._is_live(chosen.folder):
            yield server.here().ensure()
            return
        try:
            yield self._loaded(chosen)
        finally:
            self._rest()

    def _is_live(self, folder: Path) -> bool:
        """Whether live captions are written by the same model."""
        with suppress(ModelError):
            return choice.served(choice.asked()).folder == folder
        return False

    def _loaded(self, chosen: choice.Served) -> Engine:
        with self._lock:
            self._stop_timer()
            if self._stopped:
                raise EngineStopped("this process is about to end")
            if self._engine is None or self._folder != chosen.folder:
                self._give_up()
                log.info("a model for recordings is loaded", model=chosen.name)
                self._engine = server.make_engine(chosen.folder, gives_way=True)
                self._folder = chosen.folder
                self._engine.start()
            engine = self._engine
        try:
            return server.loaded(engine, self._check_stopped)
        except ModelError:
            with self._lock:
                self._give_up()  # the next job tries again
            raise

    def _check_stopped(self) -> None:
        if self._stopped:
            raise EngineStopped("this process is about to end")

    def _rest(self) -> None:
        """Nothing to hear for now."""
        with self._lock:
            self._stop_timer()
            if self._engine is not None:
                self._timer = threading.Timer(IDLE, self.free)
                self._timer.daemon = True
                self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def free(self) -> None:
        """Give the memory back."""
        with self._lock:
            if self._timer is None:
                return  # a job came first
            self._timer = None
            self._give_up()

    def _give_up(self) -> None:
        engine, self._engine, self._folder = self._engine, None, None
        if engine is None:
            return
        engine.stop()
        del engine
        gc.collect()  # engine and scheduler know each other
        with suppress(OSError, AttributeError):  # glibc keeps what it was given
            ctypes.CDLL(None).malloc_trim(0)
        log.info("the model for recordings is given up")

    def giving_way(self, engine: Engine, sound: Iterator[Samples]) -> Iterator[Samples]:
        """``sound`` for an engine of here: on a GPU it stops while people talk."""
        apart = engine is self._engine and choice.on_cuda()
        for samples in sound:
            while apart and _people_talk():
                self._check_stopped()
                time.sleep(REST)
            yield samples

    @property
    def is_loaded(self) -> bool:
        return self._engine is not None

    def stop(self) -> None:
        """For good: the job at work hears of it by EngineStopped."""
        self._stopped = True
        with self._lock:
            self._stop_timer()
            self._give_up()


def _people_talk() -> bool:
    engine = server.here().engine()
    return engine is not None and engine.stats().streams > 0


def here() -> RecordedModel:
    """The one of this process."""
    app = apps.get_app_config("transcription")
    return app.recorded  # type: ignore[attr-defined,no-any-return]
