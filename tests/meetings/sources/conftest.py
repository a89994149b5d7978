"""What tests of sources share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from meetings.rooms.call_server import CallServer
    from meetings.sources import services
    from tests.cast import Cast
    from tests.programs import Add


@pytest.fixture
def calls_here(redis: str) -> "Iterator[CallServer]":
    from meetings.rooms import call_server

    call_server.start("here")
    assert call_server._here
    yield call_server._here
    call_server.stop()
    call_server.let_go()


@pytest.fixture
def add(cast: "Cast") -> "Add":
    """Add a source to the cast's call, as its owner does."""
    from meetings.sources import services

    def run(kind: str = "whip", **more: Any) -> "services.Added":
        assert cast.owner.user
        return services.add(cast.meeting, cast.owner.user, kind, "OBS", **more)

    return run
