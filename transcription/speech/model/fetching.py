"""A model from the hub: resumed where it was cut off, checked, moved in as a whole."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.utils.tqdm import tqdm as hub_bar

from transcription.speech.model.catalogue import (
    NEEDED,
    VOCABULARIES,
    ModelError,
    OnProgress,
    move_in,
    sha256,
    validate_folder,
)

EXTRAS = ("preprocessor_config.json",)  # brought for other programs: nothing here asks


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository, with what it must look like when it is here."""

    name: str
    size: int
    sha256: str | None

    def fits(self, file: Path) -> bool:
        """Whether a local file is this one."""
        if not file.is_file() or file.stat().st_size != self.size:
            return False
        return self.sha256 in (None, sha256(file))


def fetch(repository: str, target: Path, on_progress: OnProgress | None) -> Path:
    """Bring a repository's model into ``target``, which is there whole or not at all.

    Parts that are here already are kept beside it and used. Honours HF_ENDPOINT.
    Raises ModelError when the hub, the network or the disk does not play along.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        part.mkdir(parents=True, exist_ok=True)
        commit, files = _listing(repository)
        _fetch_files(repository, commit, files, part, on_progress)
        validate_folder(part)
        shutil.rmtree(part / ".cache", ignore_errors=True)
        move_in(part, target)
    except ModelError:
        raise
    except RepositoryNotFoundError as error:
        raise ModelError(f"The hub at {_endpoint()} has no {repository}") from error
    except Exception as error:  # the client, its HTTP library, the disk: all sorts
        raise ModelError(_advice(repository, error)) from error
    return target


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def _advice(repository: str, error: Exception) -> str:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return (
        f"{repository} could not be fetched from {_endpoint()}: {reason[0]}. "
        "Try again: it goes on where it stopped. Or copy the model's folder here "
        "and name it in WHISPER_MODEL."
    )


def _listing(repository: str) -> tuple[str, list[RemoteFile]]:
    """The commit and the files that a model needs."""
    api = HfApi(endpoint=_endpoint())
    info = api.model_info(repository, files_metadata=True, timeout=30)
    files = [
        RemoteFile(
            file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None
        )
        for file in info.siblings or []
        if file.rfilename in NEEDED + VOCABULARIES + EXTRAS
    ]
    if not info.sha or not any(file.name == "model.bin" for file in files):
        raise ModelError(f"{repository} holds no model.bin: not a CTranslate2 model")
    return info.sha, files


def _fetch_files(
    repository: str,
    commit: str,
    files: list[RemoteFile],
    part: Path,
    on_progress: OnProgress | None,
) -> None:
    total, done = sum(file.size for file in files), 0
    for file in sorted(files, key=lambda file: file.size):
        if not file.fits(part / file.name):
            bar = _bar(done, total, on_progress)
            _fetch_file(repository, commit, file, part, bar)
        done += file.size
        if on_progress:
            on_progress(done, total)


def _fetch_file(
    repository: str, commit: str, file: RemoteFile, part: Path, bar: type[Any]
) -> None:
    hf_hub_download(
        repository,
        file.name,
        revision=commit,
        local_dir=part,
        endpoint=_endpoint(),
        force_download=(part / file.name).exists(),  # it is here, and it is wrong
        tqdm_class=bar,
    )
    if not file.fits(part / file.name):
        (part / file.name).unlink(missing_ok=True)
        raise OSError(f"{file.name} came in damaged.")


def _bar(done: int, total: int, on_progress: OnProgress | None) -> type[Any]:
    """The hub client tells a progress bar how far it is; this one tells the caller."""

    class Teller(hub_bar):
        def __init__(self, *args: Any, **options: Any) -> None:
            self.here = done + int(options.get("initial") or 0)
            options["disable"] = True  # draws nothing
            super().__init__(*args, **options)  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> None:
            self.here += int(n or 0)
            if on_progress:
                on_progress(min(self.here, total), total)

    return Teller
