"""The settings as wired: middleware, secrets, addresses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse

import pytest
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils.module_loading import import_string

from config import env
from config.logs import redact
from config.secrets import keep_to_ourselves, secret_key
from tests.services import ROOT


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_it_has_no_middleware_that_hops_threads(path: str) -> None:
    assert import_string(path).async_capable


def test_it_makes_its_key_once_for_its_owner_only(tmp_path: Path) -> None:
    key = secret_key(tmp_path / "data")
    assert len(key) >= 50
    assert secret_key(tmp_path / "data") == key
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_it_keeps_its_data_to_itself(tmp_path: Path) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    for folder, mode in ((own, 0o755), (shared, 0o1777)):
        folder.mkdir()
        folder.chmod(mode)
        keep_to_ourselves(folder)
    assert own.stat().st_mode & 0o7777 == 0o700
    assert shared.stat().st_mode & 0o7777 == 0o1777
    assert os.umask(0o077) == 0o077


def test_no_page_is_kept_by_anybody(client: Client) -> None:
    assert client.get("/accounts/login/").headers["Cache-Control"]
    assert "no-store" in client.get("/nowhere/").headers["Cache-Control"]


def test_the_log_lets_nobody_in() -> None:
    told = {"event": "Gone: /join/s3cr3t/ or /signin/MQ/abc-def/?next=/", "n": 1}
    assert redact(None, "", {"event": "/accounts/password/reset/key/1-abc-def/"}) == {
        "event": "/accounts/password/reset/key/.../"
    }
    assert redact(None, "", told) == {
        "event": "Gone: /join/.../ or /signin/MQ/.../?next=/",
        "n": 1,
    }


@pytest.mark.parametrize(
    ("origin", "enters"),
    [
        ("http://localhost:{port}", True),
        ("http://127.0.0.1:{port}", True),
        ("http://localhost:1", False),
        ("https://localhost:{port}", False),
        ("http://evil.example", False),
        (None, False),
    ],
)
def test_a_websocket_comes_from_this_very_site(
    origin: str | None, enters: bool
) -> None:
    guard = OriginValidator(None, settings.WEBSOCKET_ORIGINS)
    told = urlparse(origin.format(port=settings.ENV.port)) if origin else None
    assert guard.valid_origin(told) is enters


def test_it_names_each_bad_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "99999")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    monkeypatch.setenv("SOURCE_NETWORKS", "10.0.0.0/8, home")
    bad = r"PORT: .*99999.*LOG_FORMAT: .*xml.*SOURCE_NETWORKS: .*home"
    with pytest.raises(ImproperlyConfigured, match=bad):
        env.read()


def test_it_reads_a_secret_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.read().secret_key == "from a file"


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("postgres://u:p%40ss@db:5433/calls", "db", "calls"),
        ("postgresql://u@/calls?host=%2Frun%2Fpostgresql", "/run/postgresql", "calls"),
    ],
)
def test_it_reads_a_database_url(url: str, host: str, name: str) -> None:
    database = env.database(url, Path("/nowhere"))
    assert (database["HOST"], database["NAME"]) == (host, name)
    assert database["OPTIONS"] == {"options": "-c jit=off"}


def test_it_refuses_a_database_it_does_not_know() -> None:
    with pytest.raises(ImproperlyConfigured, match="mysql"):
        env.database("mysql://host/name", Path("/nowhere"))


def test_it_tracks_no_secret() -> None:
    """Keys, databases and recordings live in the data folder, which git ignores."""
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = {Path(line).name for line in listing.stdout.splitlines()}
    assert not names & {"secret_key", ".env", "db.sqlite3", "id_rsa"}
    assert not {name for name in names if name.endswith((".pem", ".key"))}


def test_it_passes_the_checks_for_deployment(tmp_path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=os.environ
        | {"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://calls.example.com"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "server", ["turn.example:3478", "https://a", "turn:", "turn:h?x"]
)
def test_it_refuses_what_is_no_ice_server(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICE_SERVERS", f"stun:stun.example,{server}")
    with pytest.raises(ImproperlyConfigured, match="ICE_SERVERS.*stun:host") as told:
        env.read()
    assert "got" not in str(told.value)  # it may be a password that was mistyped


def test_what_may_hold_a_secret_is_known() -> None:
    held = {
        name
        for name in env.Environment.model_fields
        if re.search("secret|password|token|_url$|_key$|ice_servers", name)
    }
    assert held - {"public_url"} == env.WITH_SECRETS
