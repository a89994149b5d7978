"""One Valkey serves one site."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.health.doctor import CHECKS
from config.processes import shared_valkey
from config.processes.shared_valkey import AnotherSite
from meetings import valkey

pytestmark = pytest.mark.usefixtures("redis")


def test_all_machines_of_a_site_share_it() -> None:
    shared_valkey.claim()
    shared_valkey.claim()


def test_another_site_is_refused_with_what_to_do(settings: Any) -> None:
    shared_valkey.claim()
    settings.SECRET_KEY = "of another site"
    with pytest.raises(AnotherSite, match="database of its own"):
        shared_valkey.claim()
    settings.SECRET_KEY = "of a third"
    assert not shared_valkey.is_ours()


def test_doctor_sees_another_site(settings: Any) -> None:
    shared_valkey.claim()
    assert CHECKS["redis"]().state == "ok"
    settings.SECRET_KEY = "of another site"
    finding = CHECKS["redis"]()
    assert finding.state == "fail" and "another Earshot" in finding.text


@pytest.fixture
def password(redis: str) -> Iterator[None]:
    """That of a user "earshot", who may do everything: "a@secret"."""
    every = valkey.client()
    every.acl_setuser(
        "earshot", True, passwords=["+a@secret"], commands=["+@all"], keys=["*"]
    )
    yield
    every.acl_deluser("earshot")


@pytest.mark.parametrize(
    "url",
    [
        "unix://earshot:a%40secret@{}?db=0",
        "unix://earshot@{}?password=a%40secret&db=0",
        "unix://earshot@{}?db=0&password=a@secret",
    ],
)
@pytest.mark.usefixtures("password")
def test_doctor_shows_no_password(url: str, settings: Any) -> None:
    settings.REDIS_URL = url.format(settings.REDIS_SOCKET)
    finding = CHECKS["redis"]()
    assert finding.state == "ok"
    assert finding.text.endswith(f"unix://{settings.REDIS_SOCKET}?db=0")
