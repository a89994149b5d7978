"""The engine of this process: which model serves, and what people are told of it.

The chosen model serves when its folder is here; until then the bundled demo model
does, the chosen one is fetched in the background and takes over without a restart.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from transcription import languages
from transcription.languages import Snapshot
from transcription.speech import loading, models
from transcription.speech.batching import LIVE_BUDGET, Costs
from transcription.speech.context import RulesFor
from transcription.speech.engine import Engine
from transcription.speech.filters.seed import starter_rules
from transcription.speech.loading import Device
from transcription.speech.models import ModelError
from transcription.speech.whisper import Whisper

log = structlog.get_logger(__name__)

DEMO_MODEL = settings.BASE_DIR / "transcription" / "demo_model" / "model"
LOAD_SECONDS = 300.0  # a large model from a slow disk
_PATIENCE = 0.1  # s between two looks at whether it failed
LIVE_FRAMES = 400  # mel frames of a window as people speak: 4 s
DEMO = models.BUNDLED  # WHISPER_MODEL=demo: serve the bundled model and fetch nothing


@dataclass
class Serving:
    """What serves now; changed by the loading thread only."""

    engine: Engine | None = None
    model: str = ""  # name of what serves
    wanted: str = ""  # name of what was chosen
    fetched: float | None = None  # 0 to 1 while a fetch runs
    problem: str = ""


_now = Serving()
_lock = threading.Lock()
_changing = threading.Lock()  # one model after the other
_stopping = threading.Event()
# Called with the new snapshot once it holds, on the thread that watches.
listeners: list[Callable[[Snapshot], None]] = []


def wanted_model() -> str:
    """The configured model, else WHISPER_MODEL, with ``auto`` resolved."""
    return resolved(_configured() or settings.WHISPER_MODEL)


def resolved(name: str) -> str:
    """A name of WHISPER_MODEL, with ``auto`` looked up."""
    return _auto() if name == "auto" else name


def _auto() -> str:
    """What ``auto`` came to on this machine, measured once and written down: a busy
    moment at a later start must not choose another model."""
    device = "cuda" if models.has_cuda(settings.WHISPER_DEVICE) else "cpu"
    note = settings.MODELS_DIR / f"auto-{device}"
    size = note.read_text().strip() if note.exists() else ""
    if not size:  # or a start that was killed while it wrote
        size = models.resolve("auto", device)
        settings.MODELS_DIR.mkdir(parents=True, exist_ok=True)
        note.write_text(size + "\n")
    return size


def _configured() -> str:
    try:
        return languages.current().model
    except DatabaseError:  # not migrated yet: the setting holds
        return ""


def folder_for(name: str) -> Path:
    """Where a model of that name lies, or will lie once it is fetched. Raises
    ModelError."""
    if name == DEMO:
        return DEMO_MODEL
    return models.named_folder(name) or settings.MODELS_DIR / name.replace("/", "--")


def _usable(name: str) -> tuple[str, Path]:
    """The wanted model if its folder is whole, else the demo model."""
    try:
        models.validate_folder(folder_for(name))
    except ModelError as error:
        _now.problem = str(error)
        return DEMO, DEMO_MODEL
    return name, folder_for(name)


def start() -> None:
    """Load a model in the background, fetch the wanted one if it is not here, and
    follow what people tune."""
    _stopping.clear()
    _thread("model-loader", _load)
    _thread("tuning", languages.watch, _stopping, take_over_tuning)


def _thread(name: str, target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()


def _load() -> None:
    try:
        if not _served():
            return
        if _now.model != _now.wanted:
            _fetch(_now.wanted)
    except Exception as error:
        _now.problem = str(error)
        log.exception("no model could be loaded; recording goes on without captions")
    finally:
        connection.close()


def _served() -> bool:
    """Load the first model; one that cannot be loaded leaves its place to the demo."""
    try:
        ensure()
    except ModelError as error:
        if _now.model == DEMO:
            raise
        log.error("the demo model serves", refused=_now.model, reason=str(error))
        _serve(DEMO, DEMO_MODEL)
        _now.problem = str(error)
        return False
    return True


def ensure() -> Engine:
    """The engine of this process, loaded on first use. Raises ModelError."""
    return _loaded(_started())


def _started() -> Engine:
    with _lock:
        if _now.engine is None:
            _now.wanted = wanted_model()
            name, folder = _usable(_now.wanted)
            engine = make_engine(folder)
            engine.start()
            _now.engine, _now.model = engine, name
        return _now.engine


def _loaded(engine: Engine) -> Engine:
    deadline = monotonic() + LOAD_SECONDS
    while not engine.ready.wait(_PATIENCE):
        if engine.problem or monotonic() > deadline:
            raise ModelError(engine.problem or "the model is still being loaded")
    return engine


def without_database() -> Engine:
    """An engine by the settings alone, with the starter bags. Raises ModelError."""
    _, folder = _usable(resolved(settings.WHISPER_MODEL))
    engine = make_engine(folder, starter_rules)
    engine.start()
    return _loaded(engine)


def make_engine(folder: Path, rules_for: RulesFor = languages.rules_for) -> Engine:
    return Engine(
        folder,
        device=settings.WHISPER_DEVICE,
        compute_type=settings.WHISPER_COMPUTE_TYPE,
        cpu_threads=settings.WHISPER_THREADS or None,
        rules_for=rules_for,
    )


def calibrated() -> tuple[Whisper, int]:
    """The model that serves here, loaded anew, and how many windows of LIVE_FRAMES its
    live calls may have. Raises ModelError."""
    costs = Costs()
    device = Device(
        settings.WHISPER_DEVICE, settings.WHISPER_COMPUTE_TYPE, settings.WHISPER_THREADS
    )
    whisper = loading.load(_usable(wanted_model())[1], device, costs)
    return whisper, costs.most(LIVE_FRAMES, LIVE_BUDGET)


def _fetch(name: str) -> None:
    _now.fetched = 0.0
    log.info("fetching the model in the background", model=name)
    try:
        take_over(name, models.fetch(name, folder_for(name), _note_progress))
    except ModelError as error:
        _now.problem = str(error)
        log.warning(
            "the model could not be fetched",
            model=name,
            serves=_now.model,
            reason=str(error),
            to_do=f"manage.py fetch_model {name}",
        )
    finally:
        _now.fetched = None


def _note_progress(done: int, total: int) -> None:
    _now.fetched = done / total if total else 0.0


def take_over_tuning(before: Snapshot, now: Snapshot) -> None:
    """Rules hold from the next line on by themselves; a model is changed here."""
    for listener in listeners:
        listener(now)
    if now.model != before.model:
        _thread("model-change", _change_model)


def _change_model() -> None:
    """On a thread of its own: phrases and languages are taken over meanwhile."""
    try:
        _now.wanted = wanted = wanted_model()
        name, folder = _usable(wanted)
        if name == wanted:
            take_over(name, folder)
        else:
            _fetch(wanted)
    except Exception as error:
        _now.problem = str(error)
        log.error(
            "the old model goes on",
            refused=_now.wanted,
            reason=str(error),
            exc_info=not isinstance(error, ModelError),
        )
    finally:
        connection.close()


def take_over(name: str, folder: Path) -> None:
    """Serve the chosen model from the next call on; one that was chosen before it, and
    is only now here, stays out. Raises ModelError, keeps the old."""
    with _changing:
        if name == _now.wanted:
            _serve(name, folder)


def _serve(name: str, folder: Path) -> None:
    _started().swap_model(folder)  # also one that failed with its first model
    _now.model, _now.problem = name, ""
    log.info("another model serves", model=name)


def stop() -> None:
    """Give out what is heard, stop the threads."""
    _stopping.set()
    with _lock:
        engine, _now.engine = _now.engine, None
    if engine:
        engine.stop()


def engine() -> Engine | None:
    """The engine when it can take sound now, else None."""
    now = _now.engine
    return now if now and now.ready.is_set() else None


def status() -> dict[str, Any]:
    """For pages, health checks and ``doctor``."""
    return {
        "ready": engine() is not None,
        "model": _now.model,
        "demo": _now.model == DEMO,
        "wanted": _now.wanted,
        "fetched": _now.fetched,
        "problem": _now.problem or (_now.engine.problem if _now.engine else ""),
        "version": languages.version(),
    }


def banner() -> str:
    """A sentence for every page while something less than the chosen model serves."""
    if _now.engine is None:
        return ""
    if _now.engine.problem:
        return f"Captions are slower than usual: {_now.engine.problem}"
    if _now.model != DEMO:
        if _now.model == _now.wanted or not _now.problem:
            return ""
        return (  # why is for the log: it may name folders of the server
            f"{_now.model} goes on writing the captions: {_now.wanted} could not be "
            "loaded. The log says why."
        )
    note = (
        "The bundled demo model writes the captions: it knows the demo call and "
        "little else."
    )
    if _now.fetched is not None:
        return f"{note} Fetching {_now.wanted}: {_now.fetched:.0%}."
    if _now.wanted == DEMO:
        return note
    return f"{note} To get {_now.wanted}, run: manage.py fetch_model {_now.wanted}"
