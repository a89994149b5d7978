"""Small parts of the start: socket, lock, port, static files, the doctor's verdicts."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from benchmarks.fixture_model import FIXTURE_MODEL
from config.health import doctor
from config.processes import data_lock, first_start, ports, unix_sockets, valkey
from meetings.media.ingress import libsrt


def test_it_puts_the_socket_into_the_data_folder() -> None:
    assert unix_sockets.path_for(Path("/srv/earshot"), "pages") == Path(
        "/srv/earshot/pages.sock"
    )


def test_it_finds_a_shorter_place_for_a_socket() -> None:
    deep = Path("/srv") / ("d" * 60) / ("e" * 60)
    path = unix_sockets.path_for(deep, "pages")
    assert len(os.fsencode(path)) <= unix_sockets.PATH_BYTES
    assert path == unix_sockets.path_for(deep, "pages")
    assert path != unix_sockets.path_for(deep, "calls")
    assert path != unix_sockets.path_for(deep / "other", "pages")


def test_it_prefers_the_machines_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.binary() == str(own)
    monkeypatch.setenv("PATH", "/nowhere")
    assert valkey.binary().endswith("linux-x86_64/valkey-server")


def test_it_locks_a_folder_for_one(tmp_path: Path) -> None:
    lock = data_lock.take(tmp_path)
    with pytest.raises(data_lock.AlreadyRunning, match=f"process {os.getpid()}"):
        data_lock.take(tmp_path)
    os.close(lock)
    os.close(data_lock.take(tmp_path))


def test_it_waits_for_the_children_of_a_killed_owner(tmp_path: Path) -> None:
    """The owner is dead, its child keeps the lock for half a second."""
    script = (
        "import os, subprocess, sys; from pathlib import Path\n"
        "from config.processes import data_lock\n"
        "lock = data_lock.take(Path(sys.argv[1]))\n"
        "subprocess.Popen(['sleep', '0.5'], pass_fds=[lock])\n"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, cwd=root)
    os.close(data_lock.take(tmp_path))


def test_it_says_why_a_port_cannot_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ports.PortTaken, match=f"Port {port} is in use"):
            ports.require_free("127.0.0.1", port)
    ports.require_free("127.0.0.1", port)
    with pytest.raises(ports.PortTaken, match="203.0.113.9"):
        ports.require_free("203.0.113.9", 8000)


@pytest.fixture
def static_root(tmp_path: Path) -> Iterator[Path]:
    with override_settings(STATIC_ROOT=tmp_path / "static"):
        yield tmp_path / "static"


def test_it_collects_static_files_when_they_changed(static_root: Path) -> None:
    assert first_start.collect_static()
    assert not first_start.collect_static()
    (static_root / "collected.txt").write_text("another version")
    assert first_start.collect_static()


def test_it_fails_on_two_onnxruntimes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda name: "1.26.0")
    finding = doctor.examine()["onnxruntime"]
    assert finding.state == "fail"
    assert "break each other. Make the environment again" in str(finding)


def test_it_fails_where_cuda_is_wanted_and_absent() -> None:
    with override_settings(WHISPER_DEVICE="cuda"):
        finding = doctor.CHECKS["device"]()
    assert finding.state == "fail"
    assert "WHISPER_DEVICE=auto" in finding.advice


def test_the_doctor_says_what_sources_by_srt_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libsrt, "NAMES", ())
    libsrt.library.cache_clear()
    finding = doctor.CHECKS["srt"]()
    libsrt.library.cache_clear()
    assert finding.state == "warn"
    assert "apt-get install libsrt1.5-gnutls" in str(finding)


def test_the_doctor_says_who_has_the_port_of_srt(settings: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", 0))
        settings.SRT_PORT = other.getsockname()[1]
        taken = doctor.CHECKS["srt"]()
    free = doctor.CHECKS["srt"]()
    assert (taken.state, free.state) == ("warn", "ok")
    assert f"another program has UDP port {settings.SRT_PORT}" in str(taken)


@pytest.mark.django_db
def test_it_says_with_what_calls_are_made() -> None:
    with override_settings(WHISPER_MODEL=str(FIXTURE_MODEL), WHISPER_DEVICE="cpu"):
        finding = doctor.CHECKS["device"]()
    assert re.search(r"threads: \d+, up to \d+ windows of 4 s in a live", finding.text)


def test_it_ends_with_1_when_something_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> doctor.Finding:
        raise OSError("no such disk")

    monkeypatch.setattr(doctor, "CHECKS", {"disk": broken})
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    assert capsys.readouterr().out == "fail  disk         OSError: no such disk\n"
