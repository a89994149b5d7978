"""Lines under the bar of every page."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from config.http.banners import banners
from meetings.rooms import nodes

SERVES: dict[str, Any] = {
    "ready": True,
    "wanted": "small",
    "model": "base",
    "fetched": None,
    "problem": "/srv/models/small lacks model.bin",
    "slow": "",
}


def shown(is_staff: bool) -> list[str]:
    request = RequestFactory().get("/")
    request.user = User(is_staff=is_staff)
    return list(banners(request)["banners"])


def test_it_tells_staff_alone_how_captions_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "best", lambda part: SERVES)
    assert shown(is_staff=False) == []
    assert "small could not be loaded" in shown(is_staff=True)[0]


def test_it_tells_everybody_that_there_are_no_captions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "best", lambda part: {**SERVES, "ready": False})
    for is_staff in (True, False):
        assert "There are no captions" in shown(is_staff)[0]
