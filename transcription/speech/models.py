"""Which model, where from, and whether its folder is fit to serve.

``auto`` is the largest size that this machine can serve live for two people who talk:
on a CPU as estimated from the bundled model's speed, on CUDA as the memory allows. The
estimate is described in ``calibration`` and in docs/models.md.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import ctranslate2
from faster_whisper.utils import _MODELS

# The tokenizer would be fetched from the network when missing, and without the
# preprocessor's sizes the large-v3 family would get 80 mels instead of 128.
NEEDED = ("config.json", "model.bin", "preprocessor_config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")  # of newer and older conversions

BUNDLED = "demo"  # the model that comes with the project

if TYPE_CHECKING:
    from transcription.speech.calibration import Choice

OnProgress = Callable[[int, int], None]  # bytes that are here, bytes in all


class ModelError(Exception):
    """A model cannot be used; the message says why and what to do."""


def resolve(name: str, device: str = "auto") -> str:
    """WHISPER_MODEL as a size, a repository or a folder: ``auto`` is looked up."""
    return choose(device).size if name == "auto" else name


def choose(device: str = "auto") -> "Choice":
    """What ``auto`` means here, and why: a size and a reason. Takes half a second."""
    from transcription.speech import calibration  # it loads models, found here

    return calibration.choose("cuda" if has_cuda(device) else "cpu")


def has_cuda(device: str = "auto") -> bool:
    """Whether ``device`` (auto, cpu or cuda) comes to a CUDA card."""
    if device == "auto":
        return bool(ctranslate2.get_cuda_device_count())
    return device == "cuda"


def repository(name: str) -> str:
    """The hub's repository of a size name. Raises ModelError for an unknown one."""
    if name in _MODELS:
        return str(_MODELS[name])
    if name.count("/") == 1 and all(name.split("/")):
        return name
    sizes = ", ".join(_MODELS)
    raise ModelError(f"There is no Whisper called {name!r}; there are: {sizes}")


def named_folder(name: str) -> Path | None:
    """The folder that a name means: a path, or a model folder beside us. A folder that
    only happens to be called like a size is none. Raises ModelError."""
    try:
        folder = Path(name).expanduser()
        is_path = folder.is_absolute() or name.startswith(".")
        return folder if is_path or (name and (folder / NEEDED[0]).is_file()) else None
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{name[:80]!r} is no folder: {error}") from error


def validate_folder(path: str | Path) -> Path:
    """The folder of a CTranslate2 Whisper, checked. Raises ModelError."""
    try:
        return _validated(Path(path))
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error


def _validated(folder: Path) -> Path:
    if not folder.is_dir():
        raise ModelError(f"{folder} is not a folder with a Whisper model")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        raise ModelError(f"{folder} lacks {', '.join(missing)}: fetch the model again")
    for name in NEEDED:
        _check_file(folder / name)
    return folder


def _check_file(file: Path) -> None:
    if not file.stat().st_size:
        raise ModelError(f"{file} is empty: fetch the model again")
    if file.suffix == ".json":
        try:
            json.loads(file.read_bytes())
        except ValueError as error:
            raise ModelError(f"{file} is not JSON ({error})") from error


def fetch(name: str, target: str | Path, on_progress: OnProgress | None = None) -> Path:
    """Fetch a model into a folder; see ``fetching.fetch``. Raises ModelError."""
    from transcription.speech import fetching  # only who fetches needs the hub client

    return fetching.fetch(repository(name), Path(target), on_progress)
