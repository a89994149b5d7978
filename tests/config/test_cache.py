"""The cache of all processes, while its server is there, and while it is not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.test import Client

from tests.services import valkey_process

LIMIT = 30  # of redeem, a minute


@contextmanager
def frozen_valkey() -> Iterator[None]:
    os.kill(valkey_process(), signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey_process(), signal.SIGCONT)


def test_another_process_sees_what_is_counted(redis: str) -> None:
    cache.set("tries", 1, 60)
    count = (
        "import django; django.setup()\n"
        "from django.core.cache import cache; print(cache.incr('tries'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", count], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), cache.get("tries")) == ("2", 2)


@pytest.mark.django_db
def test_a_limit_holds(client: Client) -> None:
    statuses = [client.get("/join/forged/").status_code for _ in range(LIMIT + 1)]
    assert set(statuses[:-1]) == {404}
    assert statuses[-1] in (404, 429)  # a minute may have begun anew
    assert client.get("/join/forged/").status_code in (404, 429)


@pytest.mark.django_db
def test_nobody_is_kept_out_by_a_cache_that_is_away(client: Client) -> None:
    began = time.monotonic()
    with frozen_valkey():
        assert client.get("/join/forged/").status_code == 404
        with pytest.raises(ValueError, match="nothing is counted"):
            cache.incr("tries")
        assert (cache.get("tries", 7), cache.add("tries", 1)) == (7, True)
        cache.set("tries", 1)
        assert not cache.delete("tries")
    assert time.monotonic() - began < 30
