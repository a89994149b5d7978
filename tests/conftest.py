"""The tests' ground: a data folder, a Redis and a database of their own, and the cast.

Django's settings read the environment, so that is prepared before they are loaded
(which is why pyproject.toml names no DJANGO_SETTINGS_MODULE).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import django
import hypothesis
import pytest
from django.conf import settings
from django.db import connections

from benchmarks.fixture_model import FIXTURE_MODEL
from tests import services

if TYPE_CHECKING:
    from meetings.valkey import Inbox
    from tests.cast import Cast

# These know nothing of Django, and run without it when they are asked for alone.
LIBRARIES = ("tests/meetings/media", "tests/transcription/speech")
GROUND = pytest.StashKey[ExitStack]()

# A site has six processes, and many are started: the first compiles Django for all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes is for the benchmarks: other tests are at work beside it.
hypothesis.settings.register_profile(
    "shared machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="postgres: a throw-away cluster, and only the tests that use a database",
    )


def pytest_configure(config: pytest.Config) -> None:
    ground = config.stash[GROUND] = ExitStack()
    if _only_hands_out(config) or all(
        argument.startswith(LIBRARIES) for argument in config.args
    ):
        return
    # We are in it; the sites that tests start are as people run them.
    os.environ.pop("PYTHONDEVMODE", None)
    folder = ground.enter_context(services.temporary_folder())
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "DEBUG", "SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = str(folder / "data")
    os.environ["WHISPER_MODEL"] = str(FIXTURE_MODEL)  # unless a test says otherwise
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if config.getoption("database") == "postgres":
        try:
            os.environ["DATABASE_URL"] = ground.enter_context(services.postgres(folder))
        except services.MissingService as missing:
            pytest.exit(str(missing), returncode=1)
    django.setup()
    _use_plain_static_names()
    _use_quick_emptying()


def _only_hands_out(config: pytest.Config) -> bool:
    """Whether the tests run in other processes (-n): each prepares a ground of its own,
    and would inherit this one's environment."""
    return bool(config.getoption("numprocesses", None))


def _use_plain_static_names() -> None:
    """Pages render without collectstatic; test_static.py tests the hashed names."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain


def _use_quick_emptying() -> None:
    from tests import emptying

    emptying.use()


def pytest_unconfigure(config: pytest.Config) -> None:
    if settings.configured:
        connections.close_all()
    config.stash[GROUND].close()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """On PostgreSQL, what the other run has shown already is not run again."""
    if config.getoption("database") != "postgres":
        return
    chosen = [item for item in items if _uses_database(item)]
    config.hook.pytest_deselected(items=[i for i in items if i not in set(chosen)])
    items[:] = chosen


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") is not None
    wanted = marked or bool(fixtures & {"db", "transactional_db"})
    return wanted and item.get_closest_marker("e2e") is None


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A Redis on the socket of the settings; yields its URL."""
    with services.redis(Path(settings.REDIS_SOCKET)) as url:
        yield url


@pytest.fixture
def redis(redis_server: str) -> Iterator[str]:
    """The Redis, empty again after the test."""
    from django_rq import get_connection

    from meetings.rooms import nodes

    nodes.known.forget()
    yield redis_server
    get_connection("default").flushall()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite tests use a file, as the product does: threads see each other's rows."""
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The database goes with its folder: no need to empty it first."""
    return True


@pytest.fixture(autouse=True)
def _ground_of_database_tests(request: pytest.FixtureRequest) -> None:
    """Who saves a row may announce it or queue a job: Redis is there. Numbers of rows
    come again in each test, and folders are named after them: none is left."""
    if _uses_database(request.node):
        request.getfixturevalue("redis")
        for folder in settings.RECORDINGS_DIR.glob("*"):
            shutil.rmtree(folder)


@pytest.fixture
def cast(db: None) -> "Cast":
    """Everybody who may come to an address; see tests/cast.py."""
    from tests.cast import raise_curtain

    return raise_curtain()


@pytest.fixture
def inbox(cast: "Cast") -> "Iterator[Inbox]":
    """What a call process hears."""
    from meetings import events, sockets
    from meetings.valkey import Inbox

    inbox = Inbox({events.CHANNEL: sockets.tell_pages}, sockets.catch_up)
    inbox.start()
    assert inbox.wait(5)
    yield inbox
    inbox.stop()
