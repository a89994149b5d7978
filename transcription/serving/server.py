"""The engine of this process: which model serves, and how another one takes over.

The chosen model serves when its folder is here. Until then it is fetched in the
background, calls are recorded without captions, and it takes over without a restart.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connection

from transcription.serving import choice
from transcription.serving.choice import NotHere
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.scheduler import EngineStopped
from transcription.speech.filters.seed import starter_rules
from transcription.speech.model import catalogue
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.context import RulesFor
from transcription.tuning import snapshot
from transcription.tuning.snapshot import Snapshot

log = structlog.get_logger(__name__)

LOAD_SECONDS = 300.0  # a large model from a slow disk
_PATIENCE = 0.1  # s between two looks at whether it failed
# s after which a fetch that failed is tried again: at first, and at most
RETRY, RETRY_MOST = 30.0, 1800.0


@dataclass
class Serving:
    """What serves now; changed by the loading thread only."""

    engine: Engine | None = None
    model: str = ""  # name of what serves
    wanted: str = ""  # name of what was chosen
    fetched: float | None = None  # 0 to 1 while a fetch runs
    problem: str = ""
    stopped: bool = False  # for good: nothing is loaded any more


class ModelServer:
    """The model of this process. ``ensure``, ``take_over`` and ``stop`` wait for it;
    all else returns at once."""

    def __init__(self) -> None:
        # Called with the new snapshot once it holds, on the thread that watches.
        self.listeners: list[Callable[[Snapshot], None]] = []
        self._now = Serving()
        self._lock = threading.Lock()
        self._changing = threading.Lock()  # one model after the other
        self._fetching = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Load a model in the background, fetch the wanted one if it is not here, and
        follow what people tune."""
        self._stopping.clear()
        self._now.stopped = False
        _thread("model-loader", self._load)
        _thread("tuning", snapshot.watch, self._stopping, self.take_over_tuning)

    def _load(self) -> None:
        try:
            with suppress(NotHere):
                self.ensure()
            if self._now.model != self._now.wanted:
                self._fetch(self._now.wanted)
        except EngineStopped:
            log.info("stopped before a model was loaded", model=self._now.wanted)
        except Exception as error:
            self._refuse(error)
        finally:
            connection.close()

    def _refuse(self, error: Exception) -> None:
        """Note why the wanted model does not serve."""
        self._now.problem = str(error)
        log.error(
            "the model could not be had; calls are recorded",
            model=self._now.wanted,
            serves=self._now.model or "nothing",
            reason=str(error),
            exc_info=not isinstance(error, ModelError),
        )

    def ensure(self) -> Engine:
        """The engine of this process, loaded on first use. Raises ModelError, and
        EngineStopped once this process is about to end."""
        return loaded(self._started(), self._check_stopped)

    def _started(self) -> Engine:
        with self._lock:
            self._check_stopped()
            if self._now.engine is None:
                name = choice.asked()
                self._now.wanted = choice.resolved(name)
                model, folder = choice.served(name)
                engine = make_engine(folder)
                engine.start()
                self._now.engine, self._now.model = engine, model
            return self._now.engine

    def _check_stopped(self) -> None:
        if self._now.stopped:
            raise EngineStopped("The engine was stopped")

    def _fetch(self, name: str) -> None:
        """Fetch the wanted model, again and again until it is here, then let it serve.
        It may come in another way meanwhile, or somebody may want another one."""
        wait = RETRY
        while name == self._now.wanted:
            self._now.fetched = 0.0
            log.info("fetching the model in the background", model=name)
            try:
                folder = self._brought(name)
            except ModelError as error:
                self._refuse(error)
            else:
                self.take_over(name, folder)
                return
            finally:
                self._now.fetched = None
            if self._stopping.wait(wait):
                return
            wait = min(2 * wait, RETRY_MOST)

    def _brought(self, name: str) -> Path:
        with self._fetching:
            try:
                return choice.provided(name)
            except NotHere:
                folder = choice.folder_for(name)
                return catalogue.fetch(name, folder, self._note_progress)

    def _note_progress(self, done: int, total: int) -> None:
        self._now.fetched = done / total if total else 0.0

    def take_over_tuning(self, before: Snapshot, now: Snapshot) -> None:
        """Rules hold from the next line on by themselves; a model is changed here."""
        for listener in self.listeners:
            listener(now)
        if now.model != before.model:
            _thread("model-change", self._change_model)

    def _change_model(self) -> None:
        """On a thread of its own: phrases and languages are taken over meanwhile."""
        try:
            self._now.wanted = wanted = choice.wanted_model()
            try:
                folder = choice.provided(wanted)
            except NotHere:
                self._fetch(wanted)
            else:
                self.take_over(wanted, folder)
        except Exception as error:
            self._refuse(error)
        finally:
            connection.close()

    def take_over(self, name: str, folder: Path) -> None:
        """Serve the chosen model from the next call on; one that was chosen before it,
        and is only now here, stays out. Raises ModelError, keeps the old."""
        with self._changing:
            if name == self._now.wanted:
                self._serve(name, folder)

    def _serve(self, name: str, folder: Path) -> None:
        with self._lock:
            engine = self._now.engine
            if engine is None:  # nothing has served so far
                engine = make_engine(folder)
                engine.start()
                self._now.engine, self._now.model = engine, name
                self._now.problem = ""
                return
        engine.swap_model(folder)  # also one that failed with its first model
        self._now.model, self._now.problem = name, ""
        log.info("another model serves", model=name)

    def stop(self) -> None:
        """Give out what is heard, stop the threads."""
        self._stopping.set()
        with self._lock:
            self._now.stopped = True
            engine, self._now.engine = self._now.engine, None
        if engine:
            engine.stop()

    def engine(self) -> Engine | None:
        """The engine when it can take sound now, else None."""
        now = self._now.engine
        return now if now and now.ready.is_set() else None

    def status(self) -> dict[str, Any]:
        """Of this process, JSON-ready: for pages, health checks and ``doctor``."""
        now, serves = self._now, self.engine()
        return {
            "ready": serves is not None,
            "model": now.model,
            "wanted": now.wanted,
            "fetched": now.fetched,
            "problem": now.problem or (now.engine.problem if now.engine else ""),
            "slow": serves.problem if serves else "",
            "fallen": now.engine.fallen if now.engine else [],
            "version": snapshot.version(),
        }


def _thread(name: str, target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()


def loaded(engine: Engine, check: Callable[[], None] = lambda: None) -> Engine:
    """``engine`` once it is ready; ``check`` raises when nobody wants it any more."""
    deadline = monotonic() + LOAD_SECONDS
    while not engine.ready.wait(_PATIENCE):
        check()
        if engine.problem or monotonic() > deadline:
            raise ModelError(engine.problem or "the model is still being loaded")
    return engine


def without_database() -> Engine:
    """An engine by the settings alone, with the starter bags. Raises ModelError."""
    engine = make_engine(choice.served(settings.WHISPER_MODEL).folder, starter_rules)
    engine.start()
    return loaded(engine)


def make_engine(
    folder: Path, rules_for: RulesFor = snapshot.rules_for, gives_way: bool = False
) -> Engine:
    return Engine(
        folder,
        device=settings.WHISPER_DEVICE,
        compute_type=settings.WHISPER_COMPUTE_TYPE,
        cpu_threads=settings.WHISPER_THREADS or None,
        rules_for=rules_for,
        gives_way=gives_way,
    )


def here() -> ModelServer:
    """The one of this process."""
    app = apps.get_app_config("transcription")
    return app.server  # type: ignore[attr-defined,no-any-return]
