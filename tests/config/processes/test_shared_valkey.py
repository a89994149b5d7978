"""One Valkey serves one site."""

from typing import Any

import pytest

from config.health.doctor import CHECKS
from config.processes import shared_valkey
from config.processes.shared_valkey import AnotherSite

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


def test_doctor_shows_no_password(settings: Any) -> None:
    settings.REDIS_URL = "redis://earshot:a-secret@127.0.0.1/0"
    said = str(CHECKS["redis"]())
    assert "127.0.0.1" in said and "a-secret" not in said
