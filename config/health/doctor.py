"""What this machine has for Earshot, and what to do about what is missing."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import av
import django_rq
import onnxruntime
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError
from rq import Worker

from config.health import readiness
from config.processes import ports, running, shared_valkey, valkey
from meetings.media.errors import SRTMissing
from meetings.media.ingress import libsrt
from meetings.media.turn import relays
from meetings.rooms import call_server
from meetings.valkey import client
from transcription.serving import choice
from transcription.speech.model.catalogue import ModelError

GIGABYTE = 1_000_000_000
LITTLE_DISK = 10  # gigabytes: about 700 hours of one person's Opus at 32 kbit/s
CODECS = ("libopus", "libvpx", "libx264", "aac")
State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    state: State
    text: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.text}. {self.advice}" if self.advice else self.text


def examine() -> dict[str, Finding]:
    """One finding for each subject; a check that breaks is a finding, too."""
    return {name: _finding(check) for name, check in CHECKS.items()}


def _finding(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding("fail", f"{type(error).__name__}: {error}")


def _model() -> Finding:
    wanted = choice.wanted_model()
    try:
        folder = choice.provided(wanted)
    except choice.NotHere as error:
        return Finding("warn", f"{error}{_why()}")
    except ModelError as error:
        return Finding("fail", str(error), "Until then there are no captions")
    return Finding("ok", f"{wanted} in {folder}{_why()}")


def _recorded_model() -> Finding:
    name = str(settings.RECORDED_MODEL)
    try:
        served = choice.recorded()
    except ModelError as error:
        advice = "Until then recordings wait"
        if name != "auto":
            return Finding("fail", f"RECORDED_MODEL={name}: {error}", advice)
        return Finding("warn", str(error), advice)
    live = choice.served(choice.asked())
    if served.folder == live.folder:
        return Finding("ok", f"{served.name}, as for live captions")
    chosen = choice.recorded_choice(live.name) if name == "auto" else None
    why = f" (auto: {chosen.reason})" if chosen else ""
    return Finding("ok", f"{served.name} in {served.folder}{why}")


def _why() -> str:
    """What spoke for a model that was chosen by itself."""
    if choice.asked() != "auto":
        return ""
    return f" (auto: {choice.chosen().reason})"


def _device() -> Finding:
    import ctranslate2

    version = f"CTranslate2 {ctranslate2.__version__}"
    cards = ctranslate2.get_cuda_device_count()
    if cards == 0 and settings.WHISPER_DEVICE == "cuda":
        return Finding(
            "fail",
            f"{version} sees no CUDA device, but WHISPER_DEVICE=cuda",
            "Install NVIDIA's driver, or set WHISPER_DEVICE=auto",
        )
    device = "cuda" if cards and settings.WHISPER_DEVICE != "cpu" else "cpu"
    types = ", ".join(sorted(ctranslate2.get_supported_compute_types(device)))
    return Finding("ok", f"{version} on {device}: {types}; {_calibrated()}")


def _calibrated() -> str:
    """What the engine would choose for the model that serves here."""
    try:
        whisper, windows = choice.calibrated()
    except ModelError:
        return "no model that could be timed"
    threads = f"threads: {whisper.threads}, " if whisper.device == "cpu" else ""
    return f"{threads}up to {windows} windows of 4 s in a live call"


def _onnxruntime() -> Finding:
    found = [
        f"{name} {version}"
        for name in ("onnxruntime", "onnxruntime-gpu")
        if (version := _version(name))
    ]
    if len(found) > 1:
        return Finding(
            "fail",
            f"{' and '.join(found)} share one folder and break each other",
            "Make the environment again: rm -rf .venv && make setup [EXTRA=gpu]",
        )
    providers = [
        name.removesuffix("ExecutionProvider")
        for name in onnxruntime.get_available_providers()
    ]
    return Finding("ok", f"{found[0]}, providers {', '.join(providers)}")


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _database() -> Finding:
    name = f"{connection.vendor} {connection.settings_dict['NAME']}"
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        return Finding("fail", f"{name}: {error}", "See DATABASE_URL")
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        text = f"{name}, {len(waiting)} migrations wait"
        return Finding("warn", text, "make run applies them, or manage.py migrate")
    return Finding("ok", name)


def _redis() -> Finding:
    try:
        version = client().info("server")["redis_version"]
        ours = shared_valkey.is_ours()
    except RedisError as error:
        if settings.ENV.redis_url:
            return Finding("fail", f"REDIS_URL does not answer: {error}")
        binary = valkey.binary()
        return Finding("warn", "not running", f"make run starts {binary}")
    if not ours:
        text = "REDIS_URL is used by another Earshot"
        return Finding("fail", text, "Give this one a database of its own")
    return Finding("ok", f"{version} at {_without_password(settings.REDIS_URL)}")


def _without_password(url: str) -> str:
    """redis://user:secret@host/0 and redis://host/0?password=secret as redis://host/0."""
    parts = urlsplit(url)
    options = [one for one in parse_qsl(parts.query) if one[0] != "password"]
    place = parts.netloc.rpartition("@")[2] + parts.path
    return f"{parts.scheme}://{'?'.join(filter(None, [place, urlencode(options)]))}"


def _media() -> Finding:
    """Sound and pictures are handled by PyAV; no ffmpeg command is needed."""
    missing = [name for name in CODECS if name not in av.codecs_available]
    version = f"PyAV {av.__version__}"
    if missing:
        return Finding("fail", f"{version} without {', '.join(missing)}", "make setup")
    return Finding("ok", f"{version} with its own FFmpeg, {', '.join(CODECS)}")


def _srt() -> Finding:
    """Only sources by SRT need it; FFmpeg of Debian brings it along."""
    try:
        libsrt.library()
    except SRTMissing as missing:
        return Finding("warn", missing.detail, "Without it no source comes by SRT")
    port = settings.SRT_PORT
    if port is None:
        return Finding("ok", "libsrt is here; nobody calls, SRT_PORT is not set")
    free, runs = ports.is_free_for_datagrams(port), running.server(settings.DATA_DIR)
    if free and runs:
        return Finding("warn", f"nobody listens at UDP port {port}", "See the log")
    if not free and not runs:
        return Finding("warn", f"another program has UDP port {port}", "See SRT_PORT")
    return Finding("ok", f"libsrt is here; encoders call UDP port {port}")


def _relay() -> Finding:
    """Whether people get in whose network lets no media through."""
    relaying = [s.urls[0] for s in call_server.ice_servers() if relays(s)]
    ailing = asyncio.run(call_server.ailing_relays())
    if ailing:
        told = "; ".join(f"{server}: {why}" for server, why in ailing.items())
        return Finding("warn", told, "See ICE_SERVERS in docs/settings.md")
    if not relaying:
        return Finding("ok", "no TURN server: networks that block UDP keep people out")
    return Finding("ok", f"{', '.join(relaying)} relays")


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA_DIR).free / GIGABYTE
    text = f"{free:.0f} GB free in {settings.DATA_DIR}"
    if free < LITTLE_DISK:
        state: State = "warn" if free >= 1 else "fail"
        return Finding(state, text, "Make room, or move DATA_DIR")
    return Finding("ok", text)


def _port() -> Finding:
    env = settings.ENV
    if server := running.server(settings.DATA_DIR):
        return Finding("ok", f"{server.host}:{server.port} is Earshot's")
    try:
        ports.require_free(env.host, env.port)
    except ports.PortTaken as error:
        return Finding("fail", str(error))
    return Finding("ok", f"{env.host}:{env.port} is free")


def _folder() -> Finding:
    about = settings.DATA_DIR.stat()
    if about.st_mode & 0o077:
        text = f"others on this machine may look into {settings.DATA_DIR}"
        return Finding("warn", text, f"chmod 700 {settings.DATA_DIR}")
    return Finding("ok", f"{settings.DATA_DIR} is for this account alone")


def _worker() -> Finding:
    try:
        queues = {
            queue
            for worker in Worker.all(connection=django_rq.get_connection("default"))
            for queue in worker.queue_names()
        }
    except RedisError:
        queues = set()
    wanted = set(settings.RQ_QUEUES)
    if not settings.LLM_URL:
        wanted.remove("language")  # pages take them, where there is a model to ask
    missing = sorted(wanted - queues)
    if missing:
        text = f"nobody takes jobs of {' and '.join(missing)}"
        return Finding("warn", text, "make run starts a worker")
    return Finding("ok", f"jobs of {' and '.join(sorted(queues))} are taken")


def _calls() -> Finding:
    server = running.server(settings.DATA_DIR)
    env = settings.ENV
    if server:  # whatever PORT this command was given
        env = env.model_copy(update={"host": server.host, "port": server.port})
    try:
        parts = readiness.ask(env)
    except (OSError, ValueError):
        return Finding("warn", "not running", "Start it: make run")
    late = [f"{name} {state}" for name, state in parts.items() if state != "ok"]
    if late:
        return Finding("warn", f"no call can start: {', '.join(late)}")
    site = server.public_url if server else settings.PUBLIC_URL
    return Finding("ok", f"calls can start at {site}")


CHECKS: dict[str, Callable[[], Finding]] = {
    "model": _model,
    "recordings": _recorded_model,
    "device": _device,
    "onnxruntime": _onnxruntime,
    "database": _database,
    "redis": _redis,
    "media": _media,
    "srt": _srt,
    "relay": _relay,
    "disk": _disk,
    "port": _port,
    "worker": _worker,
    "folder": _folder,
    "calls": _calls,
}
